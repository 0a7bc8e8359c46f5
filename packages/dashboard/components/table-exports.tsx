/** @file The entries of an export menu that save a table. */

"use client";

import { type Tabular, toCsv, toJson, toLatex } from "@/lib/tabular";
import { saveText } from "./save";
import { MenuItem } from "./ui/menu";

/** A table as CSV, JSON and LaTeX, in files of this name. */
export function TableExports({ file, table }: { file: string; table: Tabular }) {
  return (
    <>
      <MenuItem onSelect={() => saveText(`${file}.csv`, "text/csv", toCsv(table))}>CSV</MenuItem>
      <MenuItem onSelect={() => saveText(`${file}.json`, "application/json", toJson(table))}>
        JSON
      </MenuItem>
      <MenuItem onSelect={() => saveText(`${file}.tex`, "application/x-tex", toLatex(table))}>
        LaTeX table
      </MenuItem>
    </>
  );
}
