/** @file The ways in which a run is disturbed at a random moment, and what may come of each. */

import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import type { Night } from "./night.ts";
import { type Command, type Ending, runnerOf, start, workersOf } from "./runner.ts";

/** A disturbance. `strike` says whether it hit anything; `expect` looks at how the run ended. */
export type Strike = {
  readonly name: string;
  readonly strike: (run: Command, night: Night) => boolean | Promise<boolean>;
  readonly expect: (ending: Ending) => void;
};

const toSupervisor =
  (...signals: readonly NodeJS.Signals[]) =>
  async ({ child }: Command): Promise<boolean> => {
    let hit = false;
    for (const [i, signal] of signals.entries()) {
      if (i > 0) await sleep(30);
      if (child.kill(signal)) hit = true;
    }
    return hit;
  };

const toRunner =
  (signal: NodeJS.Signals) =>
  ({ pid }: Command): boolean => {
    const runner = runnerOf(pid);
    if (runner !== undefined) kill(runner, signal);
    return runner !== undefined;
  };

const toWorkers =
  (signal: NodeJS.Signals, most: number) =>
  ({ pid }: Command): boolean => {
    const workers = workersOf(pid).slice(0, most);
    for (const worker of workers) kill(worker, signal);
    return workers.length > 0;
  };

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself since it was found
  }
}

const ended =
  (...allowed: readonly (number | NodeJS.Signals)[]) =>
  ({ code, signal, text }: Ending): void => {
    const got = code ?? signal;
    assert(
      got !== null && allowed.includes(got),
      `expected ${allowed.join(" or ")}, got ${got}\n${text}`,
    );
  };

/** A run may have come to its end just before the strike; then it ended with 0. */
export const strikes: readonly Strike[] = [
  { name: "kill -9 of everything", strike: toSupervisor("SIGKILL"), expect: ended("SIGKILL", 0) },
  { name: "kill -9 of a worker", strike: toWorkers("SIGKILL", 1), expect: ended(0) },
  { name: "kill -9 of all workers", strike: toWorkers("SIGKILL", 9), expect: ended(0) },
  { name: "kill -9 of the runner", strike: toRunner("SIGKILL"), expect: ended(0) },
  { name: "segmentation fault of a worker", strike: toWorkers("SIGSEGV", 1), expect: ended(0) },
  { name: "native abort of the runner", strike: toRunner("SIGABRT"), expect: ended(0) },
  { name: "segmentation fault of the runner", strike: toRunner("SIGSEGV"), expect: ended(0) },
  { name: "SIGTERM", strike: toSupervisor("SIGTERM"), expect: ended(130, "SIGTERM", 0) },
  { name: "Ctrl-C", strike: toSupervisor("SIGINT"), expect: ended(130, "SIGINT", 0) },
  {
    name: "Ctrl-C twice",
    strike: toSupervisor("SIGINT", "SIGINT"),
    expect: ended(130, "SIGINT", 0),
  },
  {
    name: "kill -9 of a reader",
    strike: async (_, night) => {
      const reader = start(night, ["results", "--store", night.store]);
      await sleep(1200);
      return reader.child.kill("SIGKILL");
    },
    expect: ended(0),
  },
];
