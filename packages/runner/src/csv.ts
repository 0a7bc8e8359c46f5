/** @file CSV for spreadsheets (RFC 4180), where a cell of text can not become a formula. */

import { plainText } from "./plain-text.ts";

/** One line; numbers as they are, null as an empty cell, text quoted where it must be. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells.map(csvCell).join(",");
}

/** Most cells: nothing to quote, strip or neutralise. */
const harmless = /^[\w.][\w .:/-]*$/;

function csvCell(cell: string | number | null): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (harmless.test(cell)) return cell;
  // A leading tab would be stripped by plainText, so it is looked for in what was given.
  const formula = /^[\t\r ]*[=+\-@]|^[\t\r]/.test(cell);
  const text = `${formula ? "'" : ""}${plainText(cell)}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
