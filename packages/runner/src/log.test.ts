import { expect, test } from "vitest";
import { createLog, describeProgress, type Progress } from "./log.ts";

const progress: Progress = {
  ...{ done: 1230, total: 3000, unit: "texts", share: 0.41, failed: 0 },
  ...{ rate: "8,123 tokens/s", secondsLeft: 12 },
};

function record({ isTTY }: { isTTY: boolean }) {
  const written: string[] = [];
  let time = 0;
  const sink = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  const log = createLog({ out: sink, live: sink }, () => time);
  return { written, log, wait: (milliseconds: number) => (time += milliseconds) };
}

test("says how far a stage is", () => {
  expect(describeProgress("encode", progress)).toBe(
    "encode  ━━━━━━━━────────────  41 %  1,230 of 3,000 texts  8,123 tokens/s  12 s left",
  );
});

test("rewrites one line on a terminal, cut to its width", () => {
  const { written, log, wait } = record({ isTTY: true });
  for (let i = 0; i < 20; i++) {
    wait(50);
    log.progress("encode", progress);
  }
  expect(written).toHaveLength(10 + 9); // ten a second, and nine of them clear the one before
  expect(written.every((text) => text === "\r\x1b[2K" || text.length === 59)).toBe(true);
  log.line("done");
  expect(written.slice(-2)).toEqual(["\r\x1b[2K", "done\n"]);
});

test("prints a plain line every five seconds where there is no terminal", () => {
  const { written, log, wait } = record({ isTTY: false });
  for (let i = 0; i < 120; i++) {
    wait(100);
    log.progress("encode", progress);
  }
  expect(written).toHaveLength(2);
  expect(written.every((text) => text.endsWith("left\n"))).toBe(true);
});
