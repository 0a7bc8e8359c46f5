/** @file A chart in its card: title, what it leaves out, the same numbers as a table, and every export. */

"use client";

import { useId, useRef, useState } from "react";
import { formatScore } from "@/lib/format";
import type { Tabular, Value } from "@/lib/tabular";
import { savePng, saveSvg } from "./save";
import { TableExports } from "./table-exports";
import { Button } from "./ui/button";
import { Card } from "./ui/card";
import { Menu, MenuItem } from "./ui/menu";

type Props = {
  readonly title: string;
  /** Name of exported files, without ending. */
  readonly file: string;
  /** The numbers the chart draws. */
  readonly table: Tabular;
  /** What a reader must know: what a point means, what is left out. */
  readonly caption?: React.ReactNode;
  readonly controls?: React.ReactNode;
  /** Makes the drawing that is saved, where what is on screen is none. */
  readonly draw?: () => SVGSVGElement | null;
  readonly children: React.ReactNode;
};

/** Title and menu above, chart or table in the middle, caption below. */
export function ChartCard({ title, file, table, caption, controls, draw, children }: Props) {
  const id = useId();
  const chart = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const drawing = () =>
    draw?.() ?? chart.current?.querySelector<SVGSVGElement>("svg[data-chart]") ?? null;
  const saveDrawing = (save: (svg: SVGSVGElement) => void) => {
    const svg = drawing();
    if (svg !== null) save(svg);
  };
  return (
    <Card aria-labelledby={id} className="min-w-0" data-chart-card={file}>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3">
        <h2 id={id} className="text-[15px] font-semibold tracking-tight">
          {title}
        </h2>
        {controls}
        <div className="ml-auto flex items-center gap-1">
          <Button
            kind={asTable ? "pressed" : "plain"}
            size="small"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            Table<span className="sr-only"> of {title}</span>
          </Button>
          <Menu label="Export" name={`Export ${title}`}>
            <TableExports file={file} table={table} />
            {!asTable && (
              <>
                <MenuItem onSelect={() => saveDrawing((svg) => saveSvg(`${file}.svg`, svg))}>
                  SVG
                </MenuItem>
                <MenuItem onSelect={() => saveDrawing((svg) => void savePng(`${file}.png`, svg))}>
                  PNG
                </MenuItem>
              </>
            )}
          </Menu>
        </div>
      </header>
      <div className="px-4 pb-3 pt-2">
        {asTable ? <PlainTable title={title} table={table} /> : <div ref={chart}>{children}</div>}
        {caption && <div className="mt-2 text-[12.5px] leading-snug text-soft">{caption}</div>}
      </div>
    </Card>
  );
}

/** Rows drawn at once; a browser slows down far above it. */
const drawnRows = 500;

function PlainTable({ title, table }: { title: string; table: Tabular }) {
  const [all, setAll] = useState(false);
  const rows = all ? table.rows : table.rows.slice(0, drawnRows);
  return (
    <section
      className="max-h-[28rem] overflow-auto rounded-lg border"
      tabIndex={0}
      aria-label={`${title} as a table`}
    >
      <table className="w-full text-[12.5px]">
        <thead className="sticky top-0 bg-sunk text-left">
          <tr>
            {table.columns.map((name) => (
              <th key={name} scope="col" className="whitespace-nowrap px-3 py-1.5 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place} className="border-t">
              {row.map((value, i) => (
                <td key={i} className="whitespace-nowrap px-3 py-1">
                  {shown(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < table.rows.length && (
        <Button className="m-2" size="small" onClick={() => setAll(true)}>
          Show all {table.rows.length} rows
        </Button>
      )}
    </section>
  );
}

function shown(value: Value | undefined): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string" || Number.isInteger(value)) return String(value);
  return formatScore(value, 4);
}
