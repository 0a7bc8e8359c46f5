/** @file Above the table: how many trials, the filter, the state, the columns, the export. */

"use client";

import { useEffect, useState } from "react";
import { type ColumnName, columnNames, columns } from "@/lib/columns";
import { counted } from "@/lib/format";
import { isEmptySelection, viewLink } from "@/lib/view";
import { Button } from "./ui/button";
import { Menu, MenuItem } from "./ui/menu";
import { useView } from "./view-context";

type Props = {
  readonly shown: readonly ColumnName[];
  readonly offered: readonly ColumnName[];
  readonly total: number | null;
};

/** The controls of the table. */
export function TableControls({ shown, offered, total }: Props) {
  const { view, arrange, select } = useView();
  const [find, setFind] = useState(view.find);
  useEffect(() => setFind(view.find), [view.find]);
  useEffect(() => {
    if (find === view.find) return;
    const timer = setTimeout(() => arrange({ find }), 250);
    return () => clearTimeout(timer);
  }, [find, view.find, arrange]);
  const toggle = (name: ColumnName) => {
    const next = shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name];
    if (next.length > 0) arrange({ columns: columnNames.filter((one) => next.includes(one)) });
  };
  const { columns: _columns, show: _show, trial: _trial, ...asked } = view;
  const link = (format: string) => viewLink(`/export/${format}`, asked);
  return (
    <header className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <h2 className="text-[15px] font-semibold tracking-tight">Trials</h2>
      <span className="numbers text-[12.5px] text-soft" data-total>
        {total === null ? "" : counted(total, "trial")}
      </span>
      {!isEmptySelection(view.select) && (
        <Button size="small" kind="pressed" onClick={() => select({})}>
          only what is selected ✕
        </Button>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-1.5">
        <input
          type="search"
          aria-label="Filter trials"
          placeholder="Filter by any word"
          className="field w-44 max-sm:w-36"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        <select
          aria-label="State"
          className="field"
          value={view.state ?? ""}
          onChange={(event) =>
            arrange({ state: (event.target.value || null) as typeof view.state })
          }
        >
          <option value="">any state</option>
          {["done", "failed", "running", "pending"].map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
        <Menu label="Columns" name="Choose columns">
          {offered.map((name) => (
            <label
              key={name}
              className="flex items-center gap-2 rounded px-2.5 py-1 text-[13px] hover:bg-sunk"
            >
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={shown.includes(name)}
                onChange={() => toggle(name)}
              />
              {columns[name].label}
            </label>
          ))}
        </Menu>
        <Menu label="Export" name="Export Trials">
          {(["csv", "json", "tex"] as const).map((format) => (
            <MenuItem key={format} onSelect={() => location.assign(link(format))}>
              {{ csv: "CSV", json: "JSON", tex: "LaTeX table" }[format]}
            </MenuItem>
          ))}
          <MenuItem onSelect={() => location.assign(link("folds.csv"))}>CSV of every fold</MenuItem>
        </Menu>
      </div>
    </header>
  );
}
