/** @file What a reader of the layer curve must know. */

import type { Curve } from "@/lib/curve";
import { counted } from "@/lib/format";

/** Explains band, shading and what is not drawn. */
export function CurveCaption({ curve, shared }: { curve: Curve; shared: string }) {
  const averaged = curve.lines.some((line) => line.points.some((point) => point.trials > 1));
  const tested = curve.lines[0]?.ties != null;
  const datasets = new Set(curve.lines.map((line) => line.values.dataset)).size;
  const sentences = [
    shared && `All lines: ${shared}.`,
    averaged
      ? "Band: 95 % interval over folds, averaged over the trials of a point."
      : "Band: 95 % interval over folds.",
    tested
      ? "Shaded: layers not distinguishable from the best of the marked line (corrected paired t test over folds, Holm, 5 %)."
      : "Layers are not compared with each other here: that needs at least two folds, the same trials at every layer, and at most 2,000 trials per line.",
    curve.total > curve.lines.length &&
      `${counted(curve.total - curve.lines.length, "line")} with lower scores not drawn${datasets > 1 ? "; datasets take turns" : ""}.`,
  ];
  return <p>{sentences.filter(Boolean).join(" ")}</p>;
}
