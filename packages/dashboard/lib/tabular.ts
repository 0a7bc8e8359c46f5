/** @file Tables as CSV, JSON and LaTeX; every export of the dashboard goes through here. */

export type Value = string | number | null;
/** What a chart shows, as a table. */
export type Tabular = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
};

/** RFC 4180 lines. A text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function toCsv({ columns, rows }: Tabular): string {
  return `${[columns, ...rows].map(csvLine).join("\r\n")}\r\n`;
}

/** One line of CSV without its line end. */
export function csvLine(values: readonly Value[]): string {
  let line = "";
  for (let i = 0; i < values.length; i++) {
    if (i > 0) line += ",";
    line += csvCell(values[i] ?? null);
  }
  return line;
}

function csvCell(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** An array of records. */
export function toJson({ columns, rows }: Tabular): string {
  const records = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  return `${JSON.stringify(records, null, 2)}\n`;
}

/** A tabular environment for the booktabs package; numbers flush right, with four decimals unless all of a column are whole. */
export function toLatex({ columns, rows }: Tabular): string {
  const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  const whole = columns.map((_, i) =>
    rows.every((row) => typeof row[i] !== "number" || Number.isInteger(row[i])),
  );
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{${numeric.map((is) => (is ? "r" : "l")).join("")}}`,
    "\\toprule",
    line(columns.map(escapeLatex)),
    "\\midrule",
    ...rows.map((row) => line(row.map((value, i) => latexCell(value, whole[i] === true)))),
    "\\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}

function latexCell(value: Value, whole: boolean): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeLatex(value);
  return whole ? String(value) : value.toFixed(4);
}

function escapeLatex(text: string): string {
  const named: Record<string, string> = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
  };
  return text.replace(/[\\~^<>&%$#_{}]/g, (sign) => named[sign] ?? `\\${sign}`);
}
