/** @file The answer first: which layer, how sure, how far above the baseline; one line per dataset. */

import { type Axis, lineAxes, none } from "@/lib/axes";
import { bestLines, type Curve, type CurveLine } from "@/lib/curve";
import { formatGain, formatInterval, formatScore, metricLabel } from "@/lib/format";
import { worded } from "@/lib/labels";
import { compareScores } from "@/lib/metrics";
import { shortenParts } from "@/lib/shorten";

/** The best of one dataset as a sentence, of several as a small table. */
export function Headline({ curve }: { curve: Curve }) {
  const best = bestLines(curve);
  const [first, ...others] = best;
  if (first === undefined) return null;
  return others.length === 0 ? (
    <One curve={curve} line={first} />
  ) : (
    <Several curve={curve} lines={best} />
  );
}

type Props = { readonly curve: Curve; readonly line: CurveLine };

function One({ curve, line }: Props) {
  const { best, ties } = line;
  return (
    <div>
      <h1 className="text-2xl font-semibold tracking-tight [overflow-wrap:anywhere]">
        {best.layer !== none && (
          <>
            Layer {best.layer} <span className="font-normal text-soft">with</span>{" "}
          </>
        )}
        {wayOf(line)}
      </h1>
      <p className="numbers mt-1 text-soft">
        best {metricLabel(curve.metric)}{" "}
        <strong className="font-semibold text-ink">{formatScore(best.mean)}</strong>
        {best.low !== null && `, 95 % over ${curve.band} ${formatInterval(best)}`}
        {gainOf({ curve, line })}
        {ties !== null && `; ${tieSentence(ties)}`}
        {rivalSentence({ curve, line })}
      </p>
    </div>
  );
}

function Several({ curve, lines }: { curve: Curve; lines: readonly CurveLine[] }) {
  return (
    <div>
      <h1 className="text-2xl font-semibold tracking-tight">
        Best layer of {lines.length} datasets
      </h1>
      <table className="mt-2 block text-[13px] lg:table">
        <caption className="sr-only">Best {metricLabel(curve.metric)} per dataset</caption>
        <tbody className="block lg:table-row-group">
          {lines.map((line) => (
            <tr
              key={line.values.dataset}
              className="flex flex-wrap items-baseline gap-x-3 border-b border-dashed py-1 last:border-0 lg:table-row lg:border-0"
            >
              <th
                scope="row"
                title={line.values.dataset}
                className="max-w-full truncate py-0.5 text-left font-medium lg:max-w-80 lg:pr-5"
              >
                {line.values.dataset}
              </th>
              <td className="whitespace-nowrap lg:pr-5">
                {line.best.layer === none ? "no layer" : `layer ${line.best.layer}`}
              </td>
              <td className="text-right font-semibold lg:pr-2">{formatScore(line.best.mean)}</td>
              <td className="whitespace-nowrap text-soft lg:pr-5">{formatInterval(line.best)}</td>
              <td className="text-soft [overflow-wrap:anywhere] lg:pr-5">{wayOf(line)}</td>
              <td className="text-soft lg:min-w-48 lg:pr-5">
                {gainOf({ curve, line }).replace(/^, /, "")}
                {line.ties !== null && line.ties.length > 0 && `; ties with ${ranges(line.ties)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Letters of that at most: more than any name that somebody typed by hand. */
const longestWay = 90;

/** How the texts were pooled and classified, without the dataset. */
function wayOf(line: CurveLine): string {
  const told: readonly Axis[] = lineAxes.filter((axis) => axis !== "dataset" && axis !== "seed");
  const words = told.flatMap((axis) => worded(axis, line.values[axis]) ?? []);
  return shortenParts(words.join(" · "), longestWay) || "everything averaged";
}

/** How far the best is above what takes less: ", +0.210 over majority, +0.034 over layer 0". */
function gainOf({ curve, line }: Props): string {
  const bottom = line.points.find(({ layerIndex }) => layerIndex === 0);
  const references = [
    ...curve.baselines.filter(
      ({ dataset }) => line.values.dataset === undefined || dataset === line.values.dataset,
    ),
    ...(bottom === undefined || bottom === line.best
      ? []
      : [{ name: "layer 0", value: bottom.mean }]),
  ];
  return references
    .filter(({ name }, i) => references.findIndex((one) => one.name === name) === i)
    .map(({ name, value }) => {
      const gain = compareScores(curve.metric, line.best.mean, value);
      return `, ${formatGain(gain)} over ${name}`;
    })
    .join("");
}

function tieSentence(ties: readonly string[]): string {
  return ties.length === 0
    ? "every other layer of this line is distinguishably worse"
    : `not distinguishable from it: ${ranges(ties)}`;
}

/** Which of the other lines of its dataset the tests tell from it; nothing where none was tested. */
function rivalSentence({ curve, line }: Props): string {
  const tested = curve.lines.filter(
    (other) => other.behind !== null && other.values.dataset === line.values.dataset,
  );
  if (tested.length === 0) return "";
  const same = tested.filter(({ behind }) => behind?.distinguishable === false);
  if (same.length === 0) return "; every other line drawn is distinguishably worse";
  const names = same.map(({ label }) => shortenParts(label, longestWay)).join(", ");
  return same.length > 2
    ? `; ${same.length} of the ${tested.length} other lines drawn are not distinguishable from it`
    : `; of the other lines drawn, not distinguishable from it: ${names}`;
}

/** "layers 1 to 4, 6": neighbours together. */
export function ranges(layers: readonly string[]): string {
  const runs: string[][] = [];
  for (const layer of layers) {
    const run = runs.at(-1);
    if (run !== undefined && Number(run.at(-1)) + 1 === Number(layer)) run.push(layer);
    else runs.push([layer]);
  }
  const told = runs.map((run) => (run.length > 2 ? `${run[0]} to ${run.at(-1)}` : run.join(", ")));
  return `layer${layers.length === 1 ? "" : "s"} ${told.join(", ")}`;
}
