/** @file What the layer curve says under the pointer. */

import type { Curve } from "@/lib/curve";
import { formatInterval, formatP, formatScore } from "@/lib/format";
import { starsOf, type Verdict } from "@/lib/verdict";
import { lineColour } from "./line-look";

/** What is read off at one layer, best first. */
export function CurveReading({ curve, layer }: { curve: Curve; layer: string | null }) {
  if (layer === null) return null;
  const read = curve.lines.flatMap((line, i) => {
    const point = line.points.find((one) => one.layer === layer);
    return point === undefined ? [] : [{ line, point, i }];
  });
  return (
    <div className="max-w-sm rounded-lg border bg-card px-3 py-2 text-[12.5px] shadow-lg">
      <p className="font-medium">layer {layer}</p>
      <table>
        <tbody>
          {read
            .toSorted((a, b) =>
              curve.lowerIsBetter ? a.point.mean - b.point.mean : b.point.mean - a.point.mean,
            )
            .map(({ line, point, i }) => (
              <tr key={line.label}>
                <td className="pr-2">
                  <span
                    aria-hidden
                    className="mr-1.5 inline-block h-2 w-2 rounded-full"
                    style={{ background: lineColour(i) }}
                  />
                  {line.label}
                </td>
                <td className="pr-2 text-right font-medium">{formatScore(point.mean)}</td>
                <td className="pr-2 text-right text-soft">{formatInterval(point)}</td>
                <td className="whitespace-nowrap text-soft">
                  {point === line.best ? "best" : verdictText(line.verdicts?.[point.layer])}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function verdictText(verdict: Verdict | undefined): string {
  return verdict === undefined || verdict.p === null
    ? ""
    : `p ${formatP(verdict.p)}${starsOf(verdict.p)}`;
}
