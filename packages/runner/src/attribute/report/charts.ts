/** @file Charts of a report as SVG: lines with intervals, heat maps. */

import { shortText, textWidth } from "../../plain-text.ts";
import { scoreColour } from "../colours.ts";
import { escapeHtml } from "../html.ts";

/** Okabe and Ito's colours, which most colour-blind people tell apart. */
const colours = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#000000",
  "#8c6d31",
  "#7a4fa3",
  "#666666",
];

export type Line = {
  readonly name: string;
  readonly dashed: boolean;
  readonly points: readonly {
    readonly mean: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
};

/** Lines over 0, 1, 2, …, from 0 to 1, each with its interval as a band. */
export function lineChart(title: string, lines: readonly Line[]): string {
  const steps = Math.max(1, ...lines.map(({ points }) => points.length - 1));
  const x = (k: number): number => 50 + (480 * k) / steps;
  const y = (value: number): number => 20 + 260 * (1 - Math.min(Math.max(value, 0), 1));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line x1="50" x2="530" y1="${y(value)}" y2="${y(value)}" stroke="#e3e3e3"/><text x="44" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const below = Array.from(
    { length: steps + 1 },
    (_, k) => `<text x="${x(k)}" y="298" text-anchor="middle">${k}</text>`,
  );
  const drawn = lines.map(({ name, dashed, points }, i) => {
    const colour = colours[i % colours.length]!;
    const path = points
      .map(({ mean }, k) => `${k === 0 ? "M" : "L"}${x(k).toFixed(1)} ${y(mean).toFixed(1)}`)
      .join("");
    const upper = points.map(
      ({ mean, high }, k) => `${x(k).toFixed(1)},${y(high ?? mean).toFixed(1)}`,
    );
    const lower = points
      .map(({ mean, low }, k) => `${x(k).toFixed(1)},${y(low ?? mean).toFixed(1)}`)
      .reverse();
    const dash = dashed ? ' stroke-dasharray="6 4"' : "";
    return `<polygon points="${[...upper, ...lower].join(" ")}" fill="${colour}" opacity="0.12"/><path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/><rect x="545" y="${22 + 20 * i}" width="14" height="4" fill="${colour}"/><text x="565" y="${28 + 20 * i}">${escapeHtml(name)}</text>`;
  });
  return `<svg viewBox="0 0 760 320" width="760" role="img" aria-label="${escapeHtml(title)}" font-family="sans-serif" font-size="12">${ticks.join("")}${below.join("")}${drawn.join("")}<text x="290" y="316" text-anchor="middle">words taken out</text></svg>`;
}

type Heat = {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly value: (row: number, column: number) => number | null;
  /** The value that gets the full colour. */
  readonly most: number;
};

/** What fits beside a row and above a column. */
const nameOf = (name: string): string => shortText(name, 26);

/** A cell per row and column, with its number. */
export function heatMap({ title, rows, columns, value, most }: Heat): string {
  const left = 180;
  const shown = { rows: rows.map(nameOf), columns: columns.map(nameOf) };
  // Names of columns rise by half of their length.
  const top = 26 + Math.max(0, ...shown.columns.map(textWidth)) * 3.4;
  const cells = rows.flatMap((_, r) =>
    columns.map((__, c) => {
      const v = value(r, c);
      const fill = v === null ? "#f4f4f4" : `rgb(${scoreColour(v / most).join(",")})`;
      const at = { x: left + 62 * c, y: top + 24 * r };
      const text = v === null ? "–" : v.toFixed(2);
      return `<rect x="${at.x}" y="${at.y}" width="60" height="22" fill="${fill}"/><text x="${at.x + 30}" y="${at.y + 15}" text-anchor="middle">${text}</text>`;
    }),
  );
  const names = shown.rows.map(
    (name, r) =>
      `<text x="${left - 6}" y="${top + 15 + 24 * r}" text-anchor="end">${escapeHtml(name)}</text>`,
  );
  const heads = shown.columns.map(
    (name, c) =>
      `<text transform="translate(${left + 30 + 62 * c} ${top - 6}) rotate(-30)">${escapeHtml(name)}</text>`,
  );
  const size = { width: left + 62 * columns.length + 120, height: top + 10 + 24 * rows.length };
  return `<svg viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" role="img" aria-label="${escapeHtml(title)}" font-family="sans-serif" font-size="12">${cells.join("")}${names.join("")}${heads.join("")}</svg>`;
}
