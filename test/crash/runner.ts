/** @file Starts `probegrid` as people do, as a process of its own, and knows its workers. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Night } from "./night.ts";

const probegrid = fileURLToPath(
  new URL("../../packages/runner/bin/probegrid.mjs", import.meta.url),
);

/** How a command ended: its exit code, or the signal that ended it. */
export type Ending = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
};

export type Command = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has written so far. */
  readonly text: () => string;
  readonly ended: Promise<Ending>;
};

type Options = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly experiment?: string;
  readonly store?: string;
  readonly cache?: string;
};

/** Starts any command line in the folder of a night. */
export function start(
  { folder }: Pick<Night, "folder">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Command {
  const child = spawn(process.execPath, [probegrid, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, text }));
  return { child, pid: child.pid ?? 0, text: () => text, ended };
}

/** Starts the night's run. */
export function startRun(night: Night, options: Options = {}): Command {
  const { experiment = night.experiment, store = night.store, cache = night.cache } = options;
  const places = ["--store", store, "--cache", cache, "--device", "cpu", "--workers", "2"];
  return start(night, ["run", experiment, ...places, ...(options.args ?? [])], options.env);
}

/** Runs to the end without a disturbance and expects the exit code. */
export async function runToEnd(
  night: Night,
  options: Options & { readonly code?: number } = {},
): Promise<string> {
  const { code, signal, text } = await startRun(night, options).ended;
  if (code === (options.code ?? 0)) return text;
  throw new Error(`run: expected exit code ${options.code ?? 0}, got ${code ?? signal}\n${text}`);
}

/** The runner that a supervisor has started; undefined between two of them. */
export function runnerOf(supervisor: number): number | undefined {
  return childrenOf(supervisor)[0];
}

/** Process ids of the workers below a supervisor's runner. */
export function workersOf(supervisor: number): readonly number[] {
  const runner = runnerOf(supervisor);
  return runner === undefined ? [] : childrenOf(runner).filter(isWorker);
}

/** The loader's helper process is a child too. */
function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("worker-process");
  } catch {
    return false;
  }
}

/** From Linux' process table. */
function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended since
  }
}
