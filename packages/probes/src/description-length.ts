/** @file Online description length: how many bits it takes to send the labels to someone who has the features. */

import type { Matrix } from "./array.ts";
import type { Classifier, Composition, FoldFit } from "./classifiers/classifier.ts";
import type { Fold } from "./folds.ts";
import { sumsOf } from "./probe.ts";
import { createRandom } from "./random.ts";
import type { RowSource } from "./row-blocks.ts";

/** Ends of the blocks as shares of the rows, as Voita and Titov (2020) have them. */
export const blockShares = [
  ...[0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.0625, 0.125, 0.25, 0.5, 1],
] as const;

/** One block of an online code. */
export type CodeBlock = {
  /** Rows sent before, which the block's probe was trained on; 0 for the first block, sent with the uniform code. */
  readonly trained: number;
  readonly rows: number;
  readonly bits: number;
};

/** The code of one random order of the rows. */
export type OnlineCode = {
  readonly blocks: readonly CodeBlock[];
  readonly bits: number;
  /** As the paper's own code adds it up: the first block in bits, all others in nats. */
  readonly paperBits: number;
  /** Bits of a code that gives every class the same share: rows · log2 classes. */
  readonly uniformBits: number;
  /** Bits of a code that knows the class shares and nothing else: rows · entropy of the labels. */
  readonly priorBits: number;
};

export type CodeData = {
  readonly features: Matrix | RowSource;
  readonly composition?: Composition | undefined;
  readonly targets: Int32Array;
  readonly classes: number;
  readonly seed: number;
};

/**
 * Codes of `shuffles` random orders. Each block is sent with the probabilities of a probe that was trained on all rows
 * before it, with its own options and no validation rows; all blocks are fitted together, as folds are.
 */
export async function onlineCodes<Options>(
  { features, composition, targets, classes, seed }: CodeData,
  classifier: Classifier<Options>,
  { options, shuffles = 1 }: { readonly options: unknown; readonly shuffles?: number },
): Promise<{ readonly codes: readonly OnlineCode[]; readonly flags: readonly string[] }> {
  const random = createRandom(seed);
  const orders = Array.from({ length: shuffles }, (_, i) => {
    const order = random.fork(`code ${i}`).permutation(targets.length);
    return { order, ends: blockEnds(order, { targets, classes }) };
  });
  const folds = orders.flatMap(blocksAsFolds);
  const task = { kind: "classification", targets, classes } as const;
  const input = { ...sumsOf(features), composition, task, folds };
  const fits =
    folds.length === 0
      ? []
      : await classifier.fit(
          { ...input, random: random.fork("classifier") },
          classifier.options.parse(options),
        );
  let at = 0;
  const codes = orders.map(({ ends }) => {
    const own = folds.slice(at, at + ends.length - 1).map((fold, i) => ({
      trained: fold.train.length,
      rows: fold.test.length,
      bits: bitsOf(fits[at + i]!, fold.test, { targets, classes }),
    }));
    at += own.length;
    const rows = ends[0] ?? 0;
    return sumUp([{ trained: 0, rows, bits: rows * Math.log2(classes) }, ...own], targets, classes);
  });
  const flags = new Set(fits.flatMap((fit) => fit.flags ?? []));
  return { codes, flags: [...flags].map((flag) => `${flag} in blocks of the online code`) };
}

type Labels = { readonly targets: Int32Array; readonly classes: number };

/** Ends of the blocks in rows; the first one is long enough to hold every class, so that a probe can be trained on it. */
export function blockEnds(order: Uint32Array, { targets }: Labels): readonly number[] {
  const rows = order.length;
  const wanted = new Set(targets).size;
  const seen = new Set<number>();
  let first = 0;
  while (seen.size < wanted && first < rows) seen.add(targets[order[first++]!]!);
  first = Math.max(first, Math.round(blockShares[0] * rows));
  const later = blockShares.map((share) => Math.round(share * rows)).filter((end) => end > first);
  return [...new Set([first, ...later])];
}

type Ordered = { readonly order: Uint32Array; readonly ends: readonly number[] };

/** Every block but the first as a fold: trained on all rows before it, tested on its own. */
function blocksAsFolds({ order, ends }: Ordered): readonly Fold[] {
  return ends.slice(1).map((end, i) => ({
    train: order.slice(0, ends[i]!).sort(),
    validation: new Uint32Array(0),
    test: order.slice(ends[i]!, end).sort(),
  }));
}

/** -Σ log2 p of the true classes; one column of outputs is the log odds of class 1, several are log shares. */
function bitsOf({ test }: FoldFit, rows: Uint32Array, { targets }: Labels): number {
  const { columns, data } = test;
  let nats = 0;
  rows.forEach((row, i) => {
    const label = targets[row]!;
    if (columns === 1) {
      nats += softplus(label === 1 ? -data[i]! : data[i]!);
      return;
    }
    const outputs = data.subarray(i * columns, (i + 1) * columns);
    const largest = outputs.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
    const sum = outputs.reduce((total, one) => total + Math.exp(one - largest), 0);
    nats += largest + Math.log(sum) - outputs[label]!;
  });
  return nats / Math.LN2;
}

/** ln(1 + e^x) without overflow. */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function sumUp(blocks: readonly CodeBlock[], targets: Int32Array, classes: number): OnlineCode {
  const bits = blocks.reduce((sum, block) => sum + block.bits, 0);
  const first = blocks[0]?.bits ?? 0;
  const counts = new Map<number, number>();
  for (const label of targets) counts.set(label, (counts.get(label) ?? 0) + 1);
  const rows = targets.length;
  const priorBits = [...counts.values()].reduce(
    (sum, count) => sum - count * Math.log2(count / rows),
    0,
  );
  return {
    blocks,
    bits,
    paperBits: first + (bits - first) * Math.LN2,
    uniformBits: rows * Math.log2(classes),
    priorBits,
  };
}
