/** @file Single-layer probes with R1's settings, every fold of every layer, beside R1's loop in PyTorch. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Classifier,
  classifiers,
  probe,
  setKernelThreads,
  splitFolds,
} from "@probegrid/probes";
import { openFeatures, writeFeatures } from "./features.ts";
import { type BenchOptions, benchOptions, isMain } from "./options.ts";
import { formatSeconds, printRows, type Row, ratioText, spread, startPeer, timed } from "./peer.ts";

/** Layer by layer, ours and R1's in turn: the spread is over the layers. `rounds` layers are measured. */
export async function measureNetworks(options: BenchOptions): Promise<readonly Row[]> {
  setKernelThreads(options.threads);
  const found = await openFeatures(options);
  const layers = Array.from(
    { length: options.rounds },
    (_, i) => found.layers[i % found.layers.length]!,
  );
  const features = { ...found, layers };
  const { rows, width, targets, classes } = features;
  const folds = splitFolds(
    { kind: "resampled", n: 10, test: 0.2, validation: 0.1, seed: 1 },
    { targets, task: "classification", classes },
  );
  const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
  try {
    writeFeatures(folder, features, folds);
    const peers = [
      {
        script: "as R1 (DataLoader)",
        peer: await startPeer("networks.py", [folder, "loader"], options.threads),
      },
      {
        script: "rows by index",
        peer: await startPeer("networks.py", [folder, "index"], options.threads),
      },
    ];
    const train = async (data: Float32Array) => {
      const matrix = { rows, columns: width, data };
      const task = { task: "classification", targets, classes, seed: 1 } as const;
      await probe(
        { ...task, features: matrix, folds },
        classifiers["single-layer"] as Classifier,
        {},
      );
    };
    await timed(() => train(layers[0]!)); // once, to compile
    const ours: number[] = [];
    const theirs: number[][] = peers.map(() => []);
    for (const data of layers) {
      ours.push(await timed(() => train(data)));
      for (const [i, { peer }] of peers.entries()) theirs[i]!.push((await peer.run()).seconds);
    }
    const work = `single-layer probe, 10 folds a layer, ${rows} x ${width}, 30 epochs of batches of 128`;
    return peers.map(({ script, peer }, i) => {
      peer.close();
      const ratio = spread(theirs[i]!.map((seconds, layer) => seconds / ours[layer]!));
      const [own, other] = [spread(ours).median, spread(theirs[i]!).median];
      console.log(
        `${work}: ours ${formatSeconds(own)}, PyTorch ${script} ${formatSeconds(other)} a layer`,
      );
      const against = `PyTorch, ${script}`;
      return { work, against, atLeast: i === 0 ? "10x" : "", measured: ratioText(ratio) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (isMain(import.meta)) {
  const sizes = { rows: 5000, width: 768, layers: 12, rounds: 13 };
  printRows(await measureNetworks(benchOptions(sizes)));
}
