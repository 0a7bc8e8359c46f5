/** @file The crash matrix beside random kills: disks, folders, stores and files that misbehave, each as people meet it. */

import { diskCases } from "./matrix-disks.ts";
import { editCases } from "./matrix-edits.ts";
import { momentCases } from "./matrix-moments.ts";
import { storeCases } from "./matrix-stores.ts";
import { workerCases } from "./matrix-workers.ts";

/** One way to be disturbed; `run` throws when it costs anything. */
export type Case = {
  readonly name: string;
  /** Why it can not be tried here. */
  readonly skip?: () => string | undefined;
  readonly run: () => Promise<void>;
};

export const matrix: readonly Case[] = [
  ...storeCases,
  ...editCases,
  ...momentCases,
  ...workerCases,
  ...diskCases,
];
