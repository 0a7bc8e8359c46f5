/** @file From knobs that may be lists or distributions to the points that are trained: a grid, or random draws. */

import { createRandom } from "@probegrid/probes";
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { ExperimentError } from "../errors.ts";
import { show } from "../experiment/schema.ts";
import { formatCount } from "../format.ts";
import { type FinetuneSettings, readSettings } from "./settings.ts";

/** A random search: how many points are drawn, and from which seed. */
export type RandomSearch = { readonly trials: number; readonly seed: number };

const range = z.tuple([z.number(), z.number()]);
const distributions = {
  /** Each value equally likely. */
  choice: z.array(z.unknown()).min(1),
  /** Between two numbers, each number equally likely. */
  uniform: range,
  /** Between two numbers above 0, each power of ten equally likely. */
  logUniform: range,
  /** A whole number from one to another, both included. */
  integer: range,
} as const;
type Kind = keyof typeof distributions;
type Random = ReturnType<typeof createRandom>;

/** More points than anybody trains; each is an object in memory. */
const mostTrainings = 100_000;

/** The points of a grid: every combination of the lists, the first one's values in the outer loop. */
export function gridPoints(knobs: Readonly<Record<string, unknown>>): readonly FinetuneSettings[] {
  let points: Record<string, unknown>[] = [{}];
  for (const [name, value] of Object.entries(knobs)) {
    if (distributionOf(value) !== null) {
      throw new ExperimentError(
        `expected a value or a list of values, got ${show(value)}; add search: { trials } to draw from it`,
        { path: name },
      );
    }
    const values = isList(name, value) ? value : [value];
    if (values.length === 0) {
      throw new ExperimentError("expected at least one value, got none", { path: name });
    }
    if (points.length * values.length > mostTrainings) {
      throw new ExperimentError(
        `expected at most ${formatCount(mostTrainings)} combinations, got ${formatCount(points.length * values.length)} and more; search: { trials } draws some of them`,
        { path: name },
      );
    }
    points = points.flatMap((point) => values.map((one) => ({ ...point, [name]: one })));
  }
  return distinct(points.map(readSettings));
}

/** Points drawn at random: lists are choices; the same seed draws the same points. */
export function randomPoints(
  knobs: Readonly<Record<string, unknown>>,
  { trials, seed }: RandomSearch,
): readonly FinetuneSettings[] {
  if (trials > mostTrainings) {
    const most = `expected at most ${formatCount(mostTrainings)}, got ${formatCount(trials)}`;
    throw new ExperimentError(most, { path: "search.trials" });
  }
  const random = createRandom(seed).fork("search");
  const points = Array.from({ length: trials }, (_, trial) => {
    const drawn = Object.entries(knobs).map(([name, value]) => {
      const own = random.fork(`${trial} ${name}`);
      return [name, draw(name, value, own)] as const;
    });
    return readSettings(Object.fromEntries(drawn));
  });
  return distinct(points);
}

function draw(name: string, value: unknown, random: Random): unknown {
  if (isList(name, value)) return value[random.integer(value.length)];
  const found = distributionOf(value);
  if (found === null) return value;
  const [kind, written] = found;
  const checked = distributions[kind].safeParse(written);
  if (!checked.success) {
    const wanted = kind === "choice" ? "a list of values" : "two numbers, [low, high]";
    throw new ExperimentError(`expected ${wanted}, got ${show(written)}`, {
      path: `${name}.${kind}`,
    });
  }
  if (kind === "choice") {
    const choices = checked.data as readonly unknown[];
    return choices[random.integer(choices.length)];
  }
  const [low, high] = checked.data as unknown as readonly [number, number];
  if (low > high || (kind === "logUniform" && low <= 0)) {
    const wanted = kind === "logUniform" ? "0 < low <= high" : "low <= high";
    throw new ExperimentError(`expected ${wanted}, got ${show(written)}`, {
      path: `${name}.${kind}`,
    });
  }
  if (kind === "integer") return low + random.integer(high - low + 1);
  const share = random.next();
  return kind === "uniform" ? low + share * (high - low) : low * (high / low) ** share;
}

/** A field that is an object with the name of a distribution as its only key. */
function distributionOf(value: unknown): readonly [Kind, unknown] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length !== 1 || !only || !Object.hasOwn(distributions, only[0])) return null;
  return [only[0] as Kind, only[1]];
}

/** Whether a field is a list of values; weights of classes are a list themselves. */
function isList(name: string, value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  return name !== "classWeights" || !value.every((one) => typeof one === "number");
}

function distinct(points: readonly FinetuneSettings[]): readonly FinetuneSettings[] {
  return [...new Map(points.map((point) => [canonicalJson(point), point])).values()];
}
