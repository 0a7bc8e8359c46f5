/** @file A grid of scatters, drawn on the server: one row and column per dataset, r above the diagonal. */

import { formatScore } from "@/lib/format";
import { correlate } from "@/lib/queries/attribution-agreement";
import { shorten } from "@/lib/shorten";
import { Drawing } from "../charts/drawing";
import { Scroll } from "../ui/scroll";
import { signColour } from "./colours";

/** A dataset or model: mean size of the score of each word. */
export type Series = { readonly name: string; readonly words: ReadonlyMap<string, number> };

const [cell, gap, left, top] = [170, 10, 34, 8];

/** Dots below the diagonal, r above, names on it. */
export function PairGrid({ series }: { series: readonly Series[] }) {
  const size = left + series.length * (cell + gap);
  const at = (place: number) => place * (cell + gap);
  const highest = Math.max(0.1, ...series.flatMap(({ words }) => [...words.values()]));
  const most = Math.ceil(highest * 10) / 10;
  return (
    <Scroll label="Pair grid">
      <Drawing
        name={`Word scores of ${series.map(({ name }) => name).join(", ")} against each other`}
        width={size}
        height={size}
        fontSize="11"
      >
        {series.map((row, r) =>
          series.map((column, c) => (
            <g key={`${r} ${c}`} transform={`translate(${left + at(c)} ${top + at(r)})`}>
              {r === c ? (
                <Name series={row} />
              ) : r > c ? (
                <Scatter x={column.words} y={row.words} most={most} />
              ) : (
                <Strength x={column.words} y={row.words} />
              )}
              {r === series.length - 1 && r !== c && <Axis most={most} />}
              {c === 0 && r !== c && <Axis most={most} upright />}
            </g>
          )),
        )}
      </Drawing>
    </Scroll>
  );
}

function Name({ series: { name, words } }: { series: Series }) {
  return (
    <>
      <rect width={cell} height={cell} rx="6" fill="var(--sunk)" />
      <text x={cell / 2} y={cell / 2 - 4} textAnchor="middle" fill="var(--ink)" fontWeight="600">
        {shorten(name, 22)}
      </text>
      <text x={cell / 2} y={cell / 2 + 14} textAnchor="middle">
        {words.size} words
      </text>
    </>
  );
}

type Both = { readonly x: ReadonlyMap<string, number>; readonly y: ReadonlyMap<string, number> };

/** Both axes run from 0 to the largest mean of any word. */
function Scatter({ x, y, most }: Both & { readonly most: number }) {
  const { points } = correlate(x, y);
  const across = (value: number) => 6 + (value / most) * (cell - 12);
  const up = (value: number) => cell - across(value);
  return (
    <>
      <rect width={cell} height={cell} rx="6" fill="none" stroke="var(--edge)" />
      <line x1="0" y1={cell} x2={cell} y2="0" stroke="var(--edge)" strokeDasharray="3 4" />
      <g fill="var(--line-1)" fillOpacity="0.55">
        {points.map(([word, a, b]) => (
          <circle key={word} cx={across(a).toFixed(1)} cy={up(b).toFixed(1)} r="3">
            <title>{`${word} ${formatScore(a)}, ${formatScore(b)}`}</title>
          </circle>
        ))}
      </g>
      {labelled(points, most).map(([word, a, b]) => (
        <text
          key={word}
          x={across(a) + (a > 0.6 * most ? -6 : 6)}
          y={up(b) + 3}
          textAnchor={a > 0.6 * most ? "end" : "start"}
          fontSize="10"
        >
          {shorten(word, 12)}
        </text>
      ))}
    </>
  );
}

/** The few words that are highest in both, far enough apart to be read. */
function labelled(points: readonly (readonly [string, number, number])[], most: number) {
  const chosen: (readonly [string, number, number])[] = [];
  for (const point of points.toSorted((a, b) => b[1] + b[2] - a[1] - a[2])) {
    if (chosen.every((other) => Math.abs(other[2] - point[2]) > 0.09 * most)) chosen.push(point);
    if (chosen.length === 4) break;
  }
  return chosen;
}

function Strength({ x, y }: Both) {
  const { r, points } = correlate(x, y);
  const { colour, strength } = signColour(r ?? 0);
  return (
    <>
      <rect width={cell} height={cell} rx="6" fill={colour} fillOpacity={strength} />
      <rect width={cell} height={cell} rx="6" fill="none" stroke="var(--edge)" />
      <text x={cell / 2} y={cell / 2} textAnchor="middle" fontSize="20" fill="var(--ink)">
        {r === null ? "–" : formatScore(r, 2)}
      </text>
      <text x={cell / 2} y={cell / 2 + 19} textAnchor="middle" fill="var(--ink)">
        {points.length} shared words
      </text>
    </>
  );
}

function Axis({ most, upright = false }: { most: number; upright?: boolean }) {
  return [0, most / 2, most].map((value) => (
    <text
      key={value}
      x={upright ? -5 : 6 + (value / most) * (cell - 12)}
      y={upright ? cell - 2 - (value / most) * (cell - 12) : cell + 13}
      textAnchor={upright ? "end" : "middle"}
    >
      {Number(value.toFixed(2))}
    </text>
  ));
}
