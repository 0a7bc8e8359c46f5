/** @file What a task printed: where its log lies, and how it ends. Failed trials carry both, so that the store alone tells them. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { plainText } from "../plain-text.ts";
import type { Found } from "./found.ts";

const mostWords = 300; // characters
const mostLines = 20;
const mostBytes = 8192;

/** The log of a task such as 12_0; sbatch is told to write it there. */
export function taskLog(folder: string, task: string): string {
  return join(folder, "logs", `${task}.log`);
}

/** The end of a log as one line; empty where there is no log. */
export function lastWords(log: string): string {
  return plainText(endOf(log)).trim().slice(-mostWords);
}

/** The same error, with the place of the task's log and its last lines where a stack would be. */
export function withLog(error: Error, log: string): Error {
  const lines = endOf(log)
    .split(/\r\n|\r|\n/)
    .map(plainText)
    .filter((line) => line.trim() !== "");
  const shown = lines.slice(-mostLines);
  const begin = shown.length === 0 ? "it is empty or gone" : "it ends with";
  error.stack = [
    `log of the task: ${log}`,
    `${begin}${shown.length === 0 ? "" : ":"}`,
    ...shown,
  ].join("\n");
  return error;
}

/** The error of a task that failed, or of one that left something else than it was asked for. */
export function failureOf(folder: string, found: Found, otherwise: string): Error {
  if (!("error" in found)) return new Error(otherwise);
  const failure = new Error(found.error);
  return found.task === undefined ? failure : withLog(failure, taskLog(folder, found.task));
}

/** Last bytes of a file as text, without the line that they cut in two. */
function endOf(file: string): string {
  try {
    const descriptor = openSync(file, "r");
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, mostBytes));
      readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      const text = bytes.toString("utf8");
      return size > mostBytes ? text.slice(text.indexOf("\n") + 1) : text;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "";
  }
}
