#!/usr/bin/env node
/** @file Starts the command line. A run gets a supervisor: this process, which holds no native code and starts it again. */

const args = process.argv.slice(2);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  const found = process.versions.node;
  process.stderr.write(`probegrid: expected Node 20.19 or newer, found ${found}\n`);
  process.exitCode = 2;
} else if (args[0] === "run" && process.env.PROBEGRID_SUPERVISED === undefined) {
  const { supervise } = await import("./supervise.mjs");
  await supervise(args);
} else {
  await import("./libraries.mjs");
  await import("tsx"); // it need not be on the PATH
  const { main } = await import("../src/cli.ts");
  await main(args);
}
