/** @file A grid of coloured cells with a text in each and names along two sides: what heat maps and confusion matrices share. */

import { inkOn, viridisAt } from "@/lib/colour-scale";

export type GridCell = {
  /** Column and row. */
  readonly at: readonly [number, number];
  /** Place on the colour scale, from 0 to 1. */
  readonly share: number;
  readonly text: string;
};

export type GridShape = {
  readonly xs: readonly string[];
  readonly ys: readonly string[];
  /** Width and height of a cell, in pixels. */
  readonly cell: readonly [number, number];
  /** Characters of a name that are shown. */
  readonly longest: number;
  /** Room for a title left of the names of rows and above those of columns. */
  readonly title?: readonly [left: number, top: number];
};

const character = 6.5; // pixels of a letter at the size of the names

/** Where the cells begin and how large the whole is; names of columns are tilted where they are wider than a cell. */
export function layOut({ xs, ys, cell, longest, title = [12, 10] }: GridShape) {
  const widest = (names: readonly string[]) =>
    Math.min(longest, Math.max(1, ...names.map((name) => name.length)));
  const tilted = widest(xs) * character > cell[0];
  const left = title[0] + 8 + character * Math.max(4, widest(ys));
  const top = title[1] + (tilted ? 8 + widest(xs) * 4.6 : 14);
  const width = left + xs.length * cell[0] + (tilted ? 40 : 4);
  return { tilted, left, top, width, height: top + ys.length * cell[1] };
}

type Props = {
  readonly shape: GridShape;
  readonly cells: readonly GridCell[];
  readonly fontSize: number;
};

/** The names and the cells, as part of an svg; each cell carries its place in `data-cell`. */
export function CellGrid({ shape, cells, fontSize }: Props) {
  const { xs, ys, cell, longest } = shape;
  const { tilted, left, top } = layOut(shape);
  const [width, height] = cell;
  const cut = (name: string) => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name);
  return (
    <>
      {xs.map((name, i) => {
        const middle = left + (i + 0.5) * width;
        return (
          <text
            key={name}
            x={middle}
            y={top - 7}
            textAnchor={tilted ? "start" : "middle"}
            transform={tilted ? `rotate(-40 ${middle} ${top - 7})` : undefined}
          >
            {cut(name)}
          </text>
        );
      })}
      {ys.map((name, j) => (
        <text
          key={name}
          x={left - 8}
          y={top + (j + 0.5) * height}
          textAnchor="end"
          dominantBaseline="central"
        >
          {cut(name)}
        </text>
      ))}
      <g fontSize={fontSize} textAnchor="middle" dominantBaseline="central">
        {cells.map(({ at: [i, j], share, text }) => (
          <g key={`${i} ${j}`} data-cell={`${i} ${j}`}>
            <rect
              x={left + i * width}
              y={top + j * height}
              width={width - 1}
              height={height - 1}
              fill={viridisAt(share)}
            />
            <text
              x={left + (i + 0.5) * width - 0.5}
              y={top + (j + 0.5) * height}
              fill={inkOn(share)}
            >
              {text}
            </text>
          </g>
        ))}
      </g>
    </>
  );
}
