/** @file Runs the command line in a process of its own, and starts it again when that crashes or is killed. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("./probegrid.mjs", import.meta.url));

/**
 * Crashes before we give up. One after a quiet while is the first again, and one that convicts a trial does not count:
 * the next time there is one less.
 */
const mostCrashes = 5;
const quiet = 600_000; // milliseconds

/** Ends of a process that nobody asked for: crashes of native code, and the kernel short of memory. */
const crashes = new Set(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGKILL"]);

/**
 * Ends as the run ends. The runner says which trial it works on alone; after a crash it is told, and so knows which
 * trial to try once more and which to give up.
 *
 * @param {readonly string[]} args
 */
export async function supervise(args) {
  /** @type {{ signal: string, trial: string | null, again: boolean } | null} */
  let crash = null;
  const convicted = new Set();
  for (let count = 0; ; ) {
    const begun = performance.now();
    const end = await runOnce(args, crash);
    if (end.signal === null || !crashes.has(end.signal) || end.interrupted) {
      if (end.signal !== null) process.kill(process.pid, end.signal);
      process.exitCode = end.code ?? 1;
      return;
    }
    const convicts = end.trial !== null && end.again && !convicted.has(end.trial);
    if (convicts) convicted.add(end.trial);
    count = convicts ? 0 : performance.now() - begun > quiet ? 1 : count + 1;
    const what = `probegrid: the runner was ended by ${end.signal}`;
    if (count >= mostCrashes) {
      process.stderr.write(`${what}, for the ${count}th time; what is finished is kept\n`);
      process.exitCode = 1;
      return;
    }
    process.stderr.write(`${what}; starting it again, what is finished is kept\n`);
    crash = { signal: end.signal, trial: end.trial, again: end.again };
  }
}

/**
 * @param {readonly string[]} args
 * @param {{ signal: string, trial: string | null, again: boolean } | null} crash
 */
async function runOnce(args, crash) {
  const child = fork(entry, args, {
    env: {
      ...process.env,
      PROBEGRID_SUPERVISED: "1",
      ...(crash === null ? {} : { PROBEGRID_CRASH: JSON.stringify(crash) }),
    },
  });
  let trial = null;
  let again = false;
  let interrupted = false;
  child.on("message", (/** @type {any} */ message) => {
    if (message?.trial === undefined) return; // the loader's own
    ({ trial, again } = message);
  });
  // A terminal sends Ctrl-C to both; the runner listens to this process only, so that one means one.
  const pass = () => {
    interrupted = true;
    if (child.connected) child.send({ interrupt: true }, () => {});
  };
  process.on("SIGINT", pass);
  process.on("SIGTERM", pass);
  const [code, signal] = await once(child, "exit");
  process.off("SIGINT", pass);
  process.off("SIGTERM", pass);
  return { code, signal, trial, again, interrupted };
}
