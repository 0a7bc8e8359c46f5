/** @file Runs a command line in this process: the commands that a shell runs, without starting Node each time. */

import { main } from "../packages/runner/src/cli.ts";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** What `probegrid ...args` prints, and its exit code. One at a time. */
export async function probegrid(...args: readonly string[]): Promise<Ran> {
  const { stdout, stderr } = process;
  const said = { out: "", err: "" };
  const write = { out: stdout.write, err: stderr.write };
  const before = process.exitCode;
  stdout.setMaxListeners(100); // every command line listens for a closed pipe
  process.exitCode = undefined;
  const listen = (to: "out" | "err") => (text: string) => {
    said[to] += text;
    return true;
  };
  stdout.write = listen("out") as typeof stdout.write;
  stderr.write = listen("err") as typeof stderr.write;
  try {
    await main(args);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    stdout.write = write.out;
    stderr.write = write.err;
    process.exitCode = before;
  }
}
