/** @file How numbers of charts travel to the browser: as one text of columns, because a page's renderer pays for every value it is given. */

import type { Curve, CurveLine } from "./curve.ts";
import type { Grid } from "./queries/compare.ts";

/** A text that holds what it says; made and read here only. */
export type Packed<What> = string & { readonly what?: What };

type Columns<Row> = { readonly [K in keyof Row]?: readonly Row[K][] };

/** A heat map as a text. */
export function packGrid({ xs, ys, cells }: Grid): Packed<Grid> {
  return JSON.stringify({ xs, ys, cells: toColumns(cells) });
}

/** The heat map in a text, number for number. */
export function unpackGrid(packed: Packed<Grid>): Grid {
  const { xs, ys, cells } = JSON.parse(packed);
  return { xs, ys, cells: toRows<Grid["cells"][number]>(cells) };
}

/** A layer curve as a text. */
export function packCurve(curve: Curve): Packed<Curve> {
  const lines = curve.lines.map(({ points, best, verdicts, ...line }) => ({
    ...line,
    points: toColumns(points),
    best: points.indexOf(best),
    verdicts: verdicts && {
      layers: Object.keys(verdicts),
      values: toColumns(Object.values(verdicts)),
    },
  }));
  return JSON.stringify({ ...curve, lines, folds: toColumns(curve.folds) });
}

/** The layer curve in a text; the best point of a line is one of its points again. */
export function unpackCurve(packed: Packed<Curve>): Curve {
  const { lines, folds, ...curve } = JSON.parse(packed);
  return {
    ...curve,
    folds: toRows<Curve["folds"][number]>(folds),
    lines: (lines as PackedLine[]).map(({ points: columns, best, verdicts, ...line }) => {
      const points = toRows<CurveLine["best"]>(columns);
      const tested = verdicts && toRows<NonNullable<CurveLine["behind"]>>(verdicts.values);
      return {
        ...line,
        points,
        best: points[best],
        verdicts: tested && Object.fromEntries(tested.map((one, i) => [verdicts?.layers[i], one])),
      } as CurveLine;
    }),
  };
}

type PackedLine = Omit<CurveLine, "points" | "best" | "verdicts"> & {
  readonly points: Columns<CurveLine["best"]>;
  readonly best: number;
  readonly verdicts: {
    readonly layers: readonly string[];
    readonly values: Columns<NonNullable<CurveLine["behind"]>>;
  } | null;
};

/** One list per field; every row has the fields of the first. */
function toColumns<Row extends object>(rows: readonly Row[]): Columns<Row> {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  return Object.fromEntries(
    names.map((name) => [name, rows.map((row) => row[name])]),
  ) as unknown as Columns<Row>;
}

function toRows<Row extends object>(columns: Columns<Row>): readonly Row[] {
  const fields = Object.entries(columns) as [string, readonly unknown[]][];
  const [first] = fields;
  return Array.from(
    first?.[1] ?? [],
    (_, i) => Object.fromEntries(fields.map(([name, values]) => [name, values[i]])) as Row,
  );
}
