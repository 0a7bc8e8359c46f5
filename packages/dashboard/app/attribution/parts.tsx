/** @file Coloured sentences, faithfulness and heat tables: plain elements, drawn on the server. */

import { Card } from "@/components/ui/card";
import type { Method, Shown, Unit } from "./fetch";
import { unitsOf } from "./fetch";

/** Orange for, blue against; the share decides how strong. */
function colour(share: number): string {
  const strength = Math.round(Math.min(Math.abs(share), 1) * 75);
  const end = share >= 0 ? "#e6781e" : "#3c82dc";
  return `color-mix(in srgb, ${end} ${strength}%, transparent)`;
}

const largest = (units: readonly Unit[]): number =>
  Math.max(1e-30, ...units.filter(({ special }) => !special).map(({ score }) => Math.abs(score)));

/** One sentence per method, each scaled by its own largest score. */
export function Sentences({ shown, merged }: { shown: readonly Shown[]; merged: boolean }) {
  return (
    <Card className="space-y-3 p-4">
      {shown.map(({ label, record }) => (
        <div key={label}>
          <h3 className="text-[13px] font-medium text-soft">
            {label}
            {record.error === null && record.residual !== null && (
              <span className="ml-2 text-faint">residual {record.residual.toExponential(1)}</span>
            )}
          </h3>
          {record.error === null ? (
            <Sentence units={unitsOf(record, record.scores, merged)} />
          ) : (
            <p className="text-bad">not explained: {record.error}</p>
          )}
          {record.marks.map((mark) => (
            <p key={mark} className="text-[12.5px] text-warn">
              {mark}
            </p>
          ))}
        </div>
      ))}
    </Card>
  );
}

function Sentence({ units }: { units: readonly Unit[] }) {
  const most = largest(units);
  return (
    <p className="leading-8 break-words">
      {units.map(({ text, score, special }, i) => (
        <span
          key={i}
          title={score.toPrecision(4)}
          className={special ? "mr-1 text-faint" : "mr-1 rounded px-1 py-0.5"}
          style={special ? undefined : { backgroundColor: colour(score / most) }}
        >
          {text}
        </span>
      ))}
    </p>
  );
}

/** Means over texts, with 95 % intervals, of every measure that some method has. */
export function FaithfulnessTable({ methods }: { methods: readonly Method[] }) {
  const metrics = [...new Set(methods.flatMap(({ scores }) => [...scores.keys()]))];
  if (metrics.length === 0) return null;
  return (
    <Card className="overflow-x-auto p-4">
      <table className="text-[13px] tabular-nums">
        <caption className="pb-2 text-left text-soft">Means over texts, 95 % intervals</caption>
        <thead>
          <tr>
            <th scope="col" className="pr-4 text-left font-medium">
              method
            </th>
            {metrics.map((metric) => (
              <th key={metric} scope="col" className="px-3 text-right font-medium">
                {metric}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {methods.map(({ id, label, scores }) => (
            <tr key={id} className="border-t border-edge">
              <th scope="row" className="py-1 pr-4 text-left font-normal whitespace-nowrap">
                {label}
              </th>
              {metrics.map((metric) => (
                <Cell key={metric} score={scores.get(metric)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Cell({
  score,
}: {
  score: { mean: number; low: number | null; high: number | null } | undefined;
}) {
  if (score === undefined) return <td className="px-3 text-right text-faint">–</td>;
  const { mean, low, high } = score;
  return (
    <td className="px-3 text-right whitespace-nowrap">
      {mean.toFixed(3)}
      {low !== null && high !== null && (
        <span className="ml-1 text-faint">
          [{low.toFixed(2)}, {high.toFixed(2)}]
        </span>
      )}
    </td>
  );
}

/** Scores by word and layer, for methods that have them: attention tracing, and σ of information. */
export function LayerTable({ shown, merged }: { shown: Shown; merged: boolean }) {
  const { label, record } = shown;
  if (record.error !== null || record.layers.length === 0) return null;
  const columns = record.layers.map(({ layer, scores }) => {
    return { layer, units: unitsOf(record, scores, merged) };
  });
  const most = Math.max(...columns.flatMap(({ units }) => units.map(({ score }) => score)), 1e-30);
  return (
    <Card className="overflow-x-auto p-4">
      <table className="text-[12.5px] tabular-nums">
        <caption className="pb-2 text-left text-soft">
          {label.startsWith("information")
            ? `${label}: σ by word and layer; a small σ means that the word matters`
            : `${label}: scores by word and layer`}
        </caption>
        <thead>
          <tr>
            <td />
            {columns.map(({ layer }) => (
              <th key={layer} scope="col" className="px-2 font-medium">
                {layer}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns[0]!.units.map(({ text }, i) => (
            <tr key={i}>
              <th scope="row" className="pr-3 text-right font-normal">
                {text}
              </th>
              {columns.map(({ layer, units }) => {
                const score = units[i]?.score ?? 0;
                return (
                  <td
                    key={layer}
                    className="px-2 py-0.5 text-right"
                    style={{ backgroundColor: colour(score / most) }}
                  >
                    {score.toFixed(3)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
