/** @file What a worker writes: passed on up to a limit, so that a flood fills no disk, with the end kept for its obituary. */

import type { ChildProcess } from "node:child_process";
import { plainText } from "../plain-text.ts";

const mostPassedOn = 65_536; // characters of one worker
const kept = 300; // characters

/** Passes on a worker's output to standard error; returns a function that gives its last words, on one line. */
export function createOutputTail(child: ChildProcess): () => string {
  let passed = 0;
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-4 * kept);
      if (passed > mostPassedOn) return;
      passed += text.length;
      process.stderr.write(text.slice(0, mostPassedOn));
      if (passed > mostPassedOn)
        process.stderr.write("\n(a worker writes on; the rest is left out)\n");
    });
  }
  return () => plainText(tail).trim().slice(-kept);
}
