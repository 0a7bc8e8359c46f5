/** @file The forward pass on texts of all lengths, beside transformers + PyTorch: as we batch, and as R1 does it. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encoder, planBatches, readModel, storedWeights } from "@probegrid/probes";
import { type Material, openMaterial } from "./material.ts";
import { type BenchOptions, benchOptions, isMain } from "./options.ts";
import { compare, printRows, type Row, ratioText, startPeer, timed } from "./peer.ts";

const quantiles = [0, 0.5, 1];
/** Tokens of a batch, as the runner has them on a CPU. */
const budget = 2048;

/** Every hidden state of every text; then the same with four poolings, which R1 makes in four passes. */
export async function measureForward(options: BenchOptions): Promise<readonly Row[]> {
  const material = await openMaterial(options);
  const { tokenized, model, folder } = material;
  const batches = planBatches(
    tokenized.map(({ ids }) => ids.length),
    budget,
  );
  const task = join(folder, "forward.json");
  const ids = tokenized.map((text) => Array.from(text.ids));
  const shape = shapeOf(material);
  const rounds = options.rounds;
  const rows: Row[] = [];
  try {
    const sorted = batches.map(({ rows }) => Array.from(rows));
    writeFileSync(task, JSON.stringify({ model, ids, batches: sorted }));
    const encoder = await createEncoder(material, 1, options.threads);
    const ours = () => timed(() => encodeAll(encoder, material, batches));
    const peer = await startPeer("forward.py", [task, "sorted"], options.threads);
    const once = await compare(`forward, all hidden states, ${shape}`, { ours, peer, rounds });
    peer.close();
    await encoder.close();
    rows.push({
      work: `forward, all hidden states, ${shape}`,
      against: "transformers + PyTorch, same batches sorted by length",
      ...{ atLeast: "1.2x", measured: ratioText(once) },
    });

    const four = await createEncoder(material, 4, options.threads);
    const r1 = await startPeer("forward.py", [task, "r1"], options.threads);
    const pooled = await compare("the same, four poolings, as R1 does it", {
      ours: () => timed(() => encodeAll(four, material, batches)),
      ...{ peer: r1, rounds: Math.min(rounds, 3), warmUp: false },
    });
    r1.close();
    await four.close();
    rows.push({
      work: "the same, as R1 does it (padded, unsorted, once per pooler, 4 poolers)",
      against: "transformers + PyTorch",
      ...{ atLeast: "6x", measured: ratioText(pooled) },
    });
    return rows;
  } finally {
    material.close();
  }
}

function shapeOf({ tokenized, checkpoint }: Material): string {
  const { layers, width } = readModel(checkpoint.config).geometry;
  const mean = tokenized.reduce((sum, { ids }) => sum + ids.length, 0) / tokenized.length;
  return `${tokenized.length} texts of ${mean.toFixed(0)} tokens, ${layers} x ${width}`;
}

async function createEncoder(
  { checkpoint }: Material,
  poolings: number,
  threads: number,
): Promise<Encoder> {
  const model = readModel(checkpoint.config);
  const tokens = [
    { kind: "mean" } as const,
    ...quantiles.map((quantile) => ({ kind: "quantile", quantile }) as const),
  ].slice(0, poolings);
  const layers = Array.from({ length: model.geometry.layers + 1 }, (_, layer) => layer);
  return await Encoder.create({
    model,
    weights: storedWeights(checkpoint.tensors, model.prefix),
    features: layers.flatMap((layer) => tokens.map((token) => ({ layer, token }))),
    padId: 0,
    session: { threads },
  });
}

async function encodeAll(
  encoder: Encoder,
  { tokenized }: Material,
  batches: ReturnType<typeof planBatches>,
): Promise<void> {
  for (const { rows } of batches) await encoder.encode(Array.from(rows, (row) => tokenized[row]!));
}

if (isMain(import.meta)) {
  const sizes = { rows: 128, width: 768, layers: 12, rounds: 3 };
  printRows(await measureForward(benchOptions(sizes)));
}
