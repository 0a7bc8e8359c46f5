/** @file The answer in one sentence: which layer, how sure, how far above the baseline. */

import type { Curve } from "@/lib/curve";
import { formatGain, formatInterval, formatScore, metricLabel } from "@/lib/format";
import { sharedLabel, shortLabels } from "@/lib/labels";

/** Best point of the best line. */
export function Headline({ curve }: { curve: Curve }) {
  const line = curve.lines[0];
  if (line === undefined) return null;
  const { best, ties } = line;
  const baseline = curve.baselines.find(
    ({ dataset }) => line.values.dataset === undefined || dataset === line.values.dataset,
  );
  const label =
    curve.lines.length > 1 ? shortLabels(curve.lines.map((one) => one.values))[0] : null;
  return (
    <div>
      <h1 className="text-2xl font-semibold tracking-tight">
        Layer {best.layer} <span className="font-normal text-soft">with</span>{" "}
        {label ?? sharedLabel([line.values])}
      </h1>
      <p className="numbers mt-1 text-soft">
        best {metricLabel(curve.metric)}{" "}
        <strong className="font-semibold text-ink">{formatScore(best.mean)}</strong>
        {best.low !== null && `, interval ${formatInterval(best)}`}
        {baseline && (
          <>
            , {formatGain(best.mean - baseline.value)} over {baseline.name}
          </>
        )}
        {ties !== null &&
          (ties.length === 0
            ? "; every other layer of this line is distinguishably worse"
            : `; not distinguishable from it: layer ${ties.join(", ")}`)}
      </p>
    </div>
  );
}
