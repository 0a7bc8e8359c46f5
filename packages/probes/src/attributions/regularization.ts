/** @file How much each hidden state varies over a sample of texts: what R3's loss divides by. */

import { compile, div, matMul, type Node, reduceSum, reshape, unsqueeze } from "../graph/index.ts";
import { widthOf } from "../nn/layers.ts";
import type { Example } from "./attribution.ts";
import { explained } from "./explained.ts";
import type { LoopTools } from "./loop.ts";

/** Population standard deviation of each unit of each hidden state, over texts (tokens averaged first). */
export async function measureRegularization(
  tools: LoopTools,
  texts: readonly Example[],
): Promise<readonly Float32Array[]> {
  const { hiddenStates, inputs } = explained(tools.spec);
  const shares = div(inputs.mask, reduceSum(inputs.mask, [1], true));
  const mean = (x: Node) => reshape(matMul(unsqueeze(shares, 1), x), ["batch", widthOf(x)]);
  const outputs = Object.fromEntries(hiddenStates.map((x, i) => [`layer.${i}`, mean(x)]));
  const session = await compile(outputs, tools.session);
  const moments = hiddenStates.map((x) => new Moments(widthOf(x)));
  try {
    const lengths = texts.map(({ ids }) => ids.length);
    for (const batch of tools.divide(lengths, null)) {
      const target = { output: 0 };
      const queries = Array.from(batch, (row) => ({ example: texts[row]!, target }));
      const found = await session.run(tools.feeds(queries));
      moments.forEach((moment, i) => {
        moment.add(found[`layer.${i}`]!.data as Float32Array);
      });
    }
  } finally {
    await session.close();
  }
  return moments.map((moment) => moment.deviation());
}

/** Running mean and squared deviations per column (Welford). */
class Moments {
  #count = 0;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;

  constructor(width: number) {
    this.#mean = new Float64Array(width);
    this.#squares = new Float64Array(width);
  }

  add(rows: Float32Array): void {
    const width = this.#mean.length;
    for (let at = 0; at < rows.length; at += width) {
      this.#count += 1;
      for (let j = 0; j < width; j++) {
        const away = rows[at + j]! - this.#mean[j]!;
        this.#mean[j]! += away / this.#count;
        this.#squares[j]! += away * (rows[at + j]! - this.#mean[j]!);
      }
    }
  }

  deviation(): Float32Array {
    return Float32Array.from(this.#squares, (sum) => Math.sqrt(sum / this.#count));
  }
}
