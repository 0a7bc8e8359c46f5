/** @file Layers as rows: every text is there once per layer for training, and once, in its last layer, for testing. */

import type { Fold } from "@probegrid/probes";

/** What a probe is told about its rows. */
export type ProbedRows = {
  readonly targets: Int32Array | Float32Array;
  readonly folds: readonly Fold[];
  readonly control: Int32Array | null;
};

/** The same for features with `copies` layers of all texts one after another: R1's `extend` of May 2021. */
export function stackRows({ targets, folds, control }: ProbedRows, copies: number): ProbedRows {
  if (copies === 1) return { targets, folds, control };
  const texts = targets.length;
  const last = (copies - 1) * texts;
  return {
    targets: repeat(targets, copies),
    control: control === null ? null : repeat(control, copies),
    folds: folds.map(({ train, validation, test }) => ({
      train: Uint32Array.from(
        { length: copies * train.length },
        (_, i) => Math.floor(i / train.length) * texts + (train[i % train.length] ?? 0),
      ),
      validation: validation.map((row) => last + row),
      test: test.map((row) => last + row),
    })),
  };
}

function repeat<Values extends Int32Array | Float32Array>(values: Values, copies: number): Values {
  const all = new (values.constructor as new (length: number) => Values)(values.length * copies);
  for (let copy = 0; copy < copies; copy++) all.set(values, copy * values.length);
  return all;
}
