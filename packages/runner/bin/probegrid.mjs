#!/usr/bin/env node
/** @file Starts the command line. A run gets a supervisor: this process, which holds no native code and starts it again. */

const args = process.argv.slice(2);

if (args[0] === "run" && process.env.PROBEGRID_SUPERVISED === undefined) {
  const { supervise } = await import("./supervise.mjs");
  await supervise(args);
} else {
  await import("./libraries.mjs");
  await import("tsx"); // it need not be on the PATH
  const { main } = await import("../src/cli.ts");
  await main(args);
}
