/** @file Which files of one of the hub's data sets hold which split: as its card says, else as its paths are named. */

import { parse } from "yaml";
import { z } from "zod";
import { ExperimentError } from "../../errors.ts";
import { formatOf } from "./records.ts";

/** Paths by split, in the order that the card or the paths give. */
export type SplitFiles = ReadonlyMap<string, readonly string[]>;

/** `configs` of a card; older cards have none. */
const card = z.looseObject({
  license: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  configs: z
    .array(
      z.looseObject({
        config_name: z.string(),
        default: z.boolean().optional(),
        data_files: z.union([
          z.string(),
          z.array(
            z.union([
              z.string(),
              z.object({ split: z.string(), path: z.union([z.string(), z.array(z.string())]) }),
            ]),
          ),
        ]),
      }),
    )
    .optional()
    .catch(undefined),
});

export type Card = z.infer<typeof card>;

/** The settings at the head of a README.md. */
export function readCard(readme: string): Card {
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme) ?? [];
  return head === undefined ? {} : (card.safeParse(parse(head, { maxAliasCount: 20 })).data ?? {});
}

/** Files of a config; null where neither card nor paths name any data file. */
export function chooseFiles(
  paths: readonly string[],
  { card, config, id }: { card: Card; config: string | null; id: string },
): SplitFiles | null {
  const data = paths.filter((path) => formatOf(path) !== null && !isMetadata(path));
  if (data.length === 0) return null;
  if (card.configs !== undefined && card.configs.length > 0)
    return byCard(data, { card, config, id });
  return byPath(data, { config, id });
}

type Wanted = { readonly config: string | null; readonly id: string };

function byCard(
  paths: readonly string[],
  { card, config, id }: Wanted & { card: Card },
): SplitFiles {
  const configs = card.configs ?? [];
  const names = configs.map((one) => one.config_name);
  const chosen =
    config === null
      ? (configs.find((one) => one.default) ??
        configs.find((one) => one.config_name === "default") ??
        (configs.length === 1 ? configs[0] : undefined))
      : configs.find((one) => one.config_name === config);
  if (chosen === undefined) throw unknownConfig(id, { config, names });
  const entries = [chosen.data_files]
    .flat()
    .map((entry) =>
      typeof entry === "string"
        ? { split: "train", path: [entry] }
        : { ...entry, path: [entry.path].flat() },
    );
  return new Map(
    entries.map(({ split, path }) => {
      const patterns = path.map(globOf);
      return [split, paths.filter((one) => patterns.some((pattern) => pattern.test(one)))];
    }),
  );
}

/** `*` stays inside a folder, `**` does not. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/^\.?\//, "")
    .split(/(\*\*\/?|\*|\?)/)
    .map((piece) => globParts[piece] ?? piece.replace(/[.+^${}()|[\]\\]/g, "\\$&"))
    .join("");
  return new RegExp(`^${source}$`);
}

const globParts: Readonly<Record<string, string>> = {
  "**/": "(?:.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};

/** Folders are configs where several hold the same split; `data/train-00000.parquet` and `a/train/0.parquet` both work. */
function byPath(paths: readonly string[], { config, id }: Wanted): SplitFiles {
  const found = paths.map((path) => ({ path, ...splitOf(path) }));
  const configs = [...new Set(found.map((one) => one.config))];
  const mine = found.filter((one) => configs.length === 1 || one.config === (config ?? "default"));
  if (mine.length === 0 || (config !== null && configs.length > 1 && !configs.includes(config))) {
    throw unknownConfig(id, { config, names: configs });
  }
  const splits = new Map<string, string[]>();
  for (const { split, path } of mine) splits.set(split, [...(splits.get(split) ?? []), path]);
  return splits;
}

const splitNames = /^(train|training|validation|valid|val|dev|test|testing)(?=$|[-_.\d])/i;
const usual: Readonly<Record<string, string>> = {
  ...{ training: "train", valid: "validation", val: "validation", dev: "validation" },
  testing: "test",
};

/** The last step of a path that begins with a split's name says it; in the hub's conversions any folder does. */
function splitOf(path: string): { readonly split: string; readonly config: string } {
  const steps = path.split("/");
  const at = steps.findLastIndex((step) => splitNames.test(step));
  const converted = /^\d+\.parquet$/.test(steps.at(-1) ?? "") && steps.length >= 2;
  const place = at >= 0 ? at : converted ? steps.length - 2 : steps.length - 1;
  const word = splitNames.exec(steps[place] ?? "")?.[1]?.toLowerCase();
  const named = word ?? (converted ? (steps[place] ?? "").replace(/^partial-/, "") : "train");
  const folders = steps
    .slice(0, Math.min(place, steps.length - 1))
    .filter((step) => step !== "data");
  return { split: usual[named] ?? named, config: folders.join("/") || "default" };
}

function isMetadata(path: string): boolean {
  return /(^|\/)(dataset_infos?|dataset_dict|state|package|config)\.json$|(^|\/)\./.test(path);
}

function unknownConfig(
  id: string,
  { config, names }: { config: string | null; names: readonly string[] },
): ExperimentError {
  const known = `expected one of ${names.slice(0, 20).join(", ")}`;
  return new ExperimentError(
    config === null
      ? `dataset "${id}" has ${names.length} configs, say --config: ${known}`
      : `dataset "${id}": unknown config "${config}", ${known}`,
  );
}
