/** @file A table of numbers as colours, drawn on the server: words by method, method by method, word by layer. */

import { inkOn, viridisAt } from "@/lib/colour-scale";
import { shorten } from "@/lib/shorten";
import { Drawing } from "../charts/drawing";
import { formatAmount, signColour } from "./colours";

/** Rows and columns by name, a number or nothing in each cell. */
export type Matrix = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
};

/** How numbers become colours: by sign and share of the largest of their column, or evenly from low to high. */
export type Colouring =
  | { readonly kind: "signed"; readonly most: readonly number[] }
  | {
      readonly kind: "even";
      readonly low: number;
      readonly high: number;
      /** Low numbers get the bright end. */
      readonly reversed?: boolean;
    };

type Props = {
  readonly name: string;
  readonly matrix: Matrix;
  readonly colouring: Colouring;
  readonly cellWidth?: number;
  /** What the two ends of an even scale mean. */
  readonly ends?: readonly [string, string];
};

const cellHeight = 24;
const letters = 24;

/** The map; cells carry their place for the frame around. */
export function MatrixMap({ name, matrix, colouring, cellWidth = 66, ends }: Props) {
  const { rows, columns, values } = matrix;
  const wide = (texts: readonly string[]) =>
    Math.min(letters, Math.max(4, ...texts.map((text) => Array.from(text).length)));
  const left = 14 + 6.8 * wide(rows);
  const tilted = wide(columns) * 6.8 > cellWidth;
  const top = tilted ? 18 + wide(columns) * 4.5 : 26;
  const room = tilted ? wide(columns) * 5.2 : 4;
  const width = left + columns.length * cellWidth + room;
  const height = top + rows.length * cellHeight + (colouring.kind === "even" ? 36 : 6);
  return (
    <Drawing {...{ name, width, height }}>
      {columns.map((column, c) => {
        const middle = left + (c + 0.5) * cellWidth;
        return (
          <text
            key={c}
            x={middle}
            y={top - 8}
            textAnchor={tilted ? "start" : "middle"}
            transform={tilted ? `rotate(-40 ${middle} ${top - 8})` : undefined}
          >
            {shorten(column, letters)}
          </text>
        );
      })}
      {rows.map((row, r) => (
        <text
          key={r}
          x={left - 8}
          y={top + (r + 0.5) * cellHeight}
          textAnchor="end"
          dominantBaseline="central"
          fill="var(--ink)"
        >
          {shorten(row, letters)}
        </text>
      ))}
      <g fontSize="11" textAnchor="middle">
        {values.flatMap((line, r) =>
          line.map((value, c) => {
            const { fill, opacity, ink } = look(value, colouring, c);
            const [x, y] = [left + c * cellWidth, top + r * cellHeight];
            return (
              <g key={`${r} ${c}`} data-cell={`${r} ${c}`}>
                <rect
                  x={x}
                  y={y}
                  width={cellWidth - 1}
                  height={cellHeight - 1}
                  fill={fill}
                  fillOpacity={opacity}
                />
                <text x={x + cellWidth / 2 - 0.5} y={y + 15.5} fill={ink}>
                  {formatAmount(value)}
                </text>
              </g>
            );
          }),
        )}
      </g>
      {colouring.kind === "even" && (
        <Scale colouring={colouring} ends={ends} x={left} y={height - 26} />
      )}
    </Drawing>
  );
}

function look(value: number | null, colouring: Colouring, column: number) {
  if (value === null) return { fill: "var(--sunk)", opacity: 1, ink: "var(--faint)" };
  if (colouring.kind === "signed") {
    const { colour, strength } = signColour(value / (colouring.most[column] ?? 1));
    return { fill: colour, opacity: strength, ink: "var(--ink)" };
  }
  const share = shareOf(value, colouring);
  return { fill: viridisAt(share), opacity: 1, ink: inkOn(share) };
}

type Even = Extract<Colouring, { kind: "even" }>;

function shareOf(value: number, { low, high, reversed }: Even): number {
  const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
  return reversed === true ? 1 - share : share;
}

type ScaleProps = {
  readonly colouring: Even;
  readonly ends: readonly [string, string] | undefined;
  readonly x: number;
  readonly y: number;
};

function Scale({ colouring, ends = ["", ""], x, y }: ScaleProps) {
  const { low, high } = colouring;
  const parts = 28;
  return (
    <g transform={`translate(${x} ${y})`} fontSize="11">
      {Array.from({ length: parts }, (_, i) => (
        <rect
          key={i}
          x={i * 5}
          width="5.3"
          height="8"
          fill={viridisAt(shareOf(low + ((high - low) * i) / (parts - 1), colouring))}
        />
      ))}
      <text y="20">{`${formatAmount(low)} ${ends[0]}`.trim()}</text>
      <text x={parts * 5} y="20" textAnchor={ends[1] === "" ? "end" : "start"}>
        {`${formatAmount(high)} ${ends[1]}`.trim()}
      </text>
    </g>
  );
}
