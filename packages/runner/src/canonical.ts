/** @file One spelling for each value, so that equal specs have equal ids. */

import { hash } from "node:crypto";

/** JSON with sorted keys and without undefined fields; refuses numbers JSON can not say. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`internal: ${value} has no canonical form`);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}

/** First 16 hex digits of the sha256 of a text. */
export function shortHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, 16);
}

/** Id of a plain value: the hash of its canonical JSON. */
export function idOf(value: unknown): string {
  return shortHash(canonicalJson(value));
}
