/** @file What a reader of the layer curve must know. */

import type { Curve } from "@/lib/curve";
import { counted } from "@/lib/format";

/** Explains band, shading, stars and what is not drawn. */
export function CurveCaption({ curve, shared }: { curve: Curve; shared: string }) {
  const { lines, tests } = curve;
  const averaged = lines.some((line) => line.points.some((point) => point.trials > 1));
  const uneven = lines.some(({ points, best }) =>
    points.some(({ trials }) => trials !== best.trials),
  );
  const starred = lines.some(({ behind }) => behind?.distinguishable === true);
  const datasets = new Set(lines.map((line) => line.values.dataset)).size;
  const sentences = [
    shared && `All lines: ${shared}.`,
    `Band: ${bands[curve.band]}${averaged ? ", averaged over the trials of a point" : ""}.`,
    tests.tests.length > 0
      ? `Shaded: layers not distinguishable from the best of the marked line (${tests.tests.join("; ")}, paired, p after Holm${tests.count > 0 ? ` over ${counted(tests.count, "test")}` : ""} at least 0.05).`
      : "Layers are not compared with each other here: that needs the same trials and folds at every layer, two folds or stored predictions, and at most 2,000 trials.",
    tests.tests.length > 0 &&
      uneven &&
      "Layers with another number of trials than the best are not tested.",
    starred &&
      `Stars: lines behind the best one${datasets > 1 ? " of their dataset" : ""}, each at its best layer; * p < 0.05, ** p < 0.01, *** p < 0.001 after Holm.`,
    curve.total > lines.length &&
      `${counted(curve.total - lines.length, "line")} with lower scores not drawn${datasets > 1 ? "; datasets take turns" : ""}.`,
  ];
  return <p>{sentences.filter(Boolean).join(" ")}</p>;
}

/** What the two bands are. */
export const bands = {
  folds: "95 % interval over folds (Nadeau and Bengio)",
  items: "95 % interval over items (stratified bootstrap of the out-of-fold predictions)",
} as const;
