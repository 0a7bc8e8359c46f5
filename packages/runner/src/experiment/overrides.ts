/** @file `--set path=value`: changes one field of an experiment before it is checked. */

import { ExperimentError } from "../errors.ts";
import { show } from "./schema.ts";

/** Text entries of these lists may be written out as objects: "a.jsonl" is {"path": "a.jsonl"}. */
const shorthand: Readonly<Record<string, string>> = { datasets: "path", classifiers: "name" };

const deepest = 20; // steps of a path; no experiment is so deep

/** A copy of `value` with each `path=value` applied; values are JSON, or else plain text. */
export function applyOverrides(value: unknown, overrides: readonly string[]): unknown {
  return overrides.reduce<unknown>((current, override) => {
    const split = override.indexOf("=");
    if (split < 1) {
      throw new ExperimentError(`--set: expected path=value, got ${show(override)}`);
    }
    const path = override
      .slice(0, split)
      .trim()
      .split(/\.|\[(\d+)\]/)
      .filter((step) => step !== undefined && step !== "");
    if (path.length > deepest) {
      throw new ExperimentError(`--set: expected at most ${deepest} steps, got ${path.length}`);
    }
    return assign(current, path, { to: parse(override.slice(split + 1)), at: [] });
  }, value);
}

type Change = { readonly to: unknown; readonly at: readonly string[] };

function assign(value: unknown, path: readonly string[], change: Change): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change.to;
  const at = [...change.at, step];
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!Number.isInteger(index) || index < 0 || index >= value.length) {
      throw new ExperimentError(`expected an index below ${value.length}, got ${show(step)}`, {
        path: `--set ${at.join(".")}`,
      });
    }
    const key = shorthand[change.at.at(-1) ?? ""];
    const item = value[index];
    const whole = rest.length > 0 && typeof item === "string" && key ? { [key]: item } : item;
    return value.with(index, assign(whole, rest, { ...change, at }));
  }
  if (value !== undefined && (typeof value !== "object" || value === null)) {
    throw new ExperimentError(`${show(value)} has no fields`, {
      path: `--set ${change.at.join(".")}`,
    });
  }
  const record = (value ?? {}) as Record<string, unknown>;
  return { ...record, [step]: assign(record[step], rest, { ...change, at }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
