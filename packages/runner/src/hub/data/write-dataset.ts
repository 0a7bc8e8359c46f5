/** @file Writes rows in the common form: one JSON object a line, a description beside it, and a README. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { createRandom } from "@probegrid/probes";
import { openPending, replaceFile, writeAll } from "../../atomic-file.ts";
import { formatCount } from "../../format.ts";
import type { Part, SourceRow } from "./source.ts";

export type PartRow = SourceRow & { readonly part: Part | null };

/** What is written about the rows. */
export type About = {
  readonly name: string;
  readonly title: string;
  readonly task: "classification" | "regression";
  readonly labels: readonly string[] | null;
  readonly home: string;
  readonly licence: string;
  /** Where each file came from, with its checksum. */
  readonly sources: readonly { readonly from: string; readonly sha256: string }[];
  readonly forced: boolean;
  readonly limit: number | null;
  readonly command: string;
};

export type Written = {
  readonly rows: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Records that have no label, or were not wanted. */
  readonly leftOut: number;
  readonly sha256: string;
};

type Options = { readonly folder: string; readonly name: string; readonly limit: number | null };

/** Writes rows as they come; null stands for a record that is left out. */
export async function writeRows(
  rows: AsyncIterable<PartRow | null>,
  { folder, name, limit }: Options,
): Promise<Written> {
  const pending = openPending(join(folder, `${name}.jsonl`));
  const hash = createHash("sha256");
  const parts: Record<string, number> = {};
  const counts = { rows: 0, leftOut: 0, bytes: 0 };
  let text = "";
  const flush = (): void => {
    const bytes = Buffer.from(text);
    writeAll(pending.descriptor, bytes, counts.bytes);
    hash.update(bytes);
    counts.bytes += bytes.length;
    text = "";
  };
  try {
    for await (const row of limit === null ? rows : sample(rows, limit)) {
      if (row === null) {
        counts.leftOut += 1;
        continue;
      }
      const { part, ...rest } = row;
      counts.rows += 1;
      if (part !== null) parts[part] = (parts[part] ?? 0) + 1;
      text += `${JSON.stringify(part === null ? rest : { ...rest, part })}\n`;
      if (text.length > flushed) flush();
    }
    flush();
    pending.commit();
  } finally {
    pending.discard();
  }
  return { rows: counts.rows, leftOut: counts.leftOut, parts, sha256: hash.digest("hex") };
}

/** Characters written at a time. */
const flushed = 1 << 20;

/** So many rows drawn at random without repeats (reservoir sampling, seed 0), in their order. */
async function* sample(
  rows: AsyncIterable<PartRow | null>,
  limit: number,
): AsyncGenerator<PartRow | null> {
  const random = createRandom("data pull");
  const kept: { readonly at: number; readonly row: PartRow }[] = [];
  let seen = 0;
  for await (const row of rows) {
    if (row === null) {
      yield null;
      continue;
    }
    const place = seen < limit ? seen : random.integer(seen + 1);
    if (place < limit) kept[place] = { at: seen, row };
    seen += 1;
  }
  kept.sort((a, b) => a.at - b.at);
  for (const { row } of kept) yield row;
}

/** Writes the description that names the classes, the README, and what keeps the folder out of git. */
export function writeAbout(folder: string, about: About, written: Written): void {
  const { name, title, task, labels } = about;
  const names = labels && Object.fromEntries(labels.map((label, i) => [String(i), label]));
  const shown = name.replace("--", "/"); // owner--name of the hub
  const description = { name: shown, title, task, ...(names && { labels: names }) };
  replaceFile(join(folder, `${name}.about.json`), `${JSON.stringify(description, null, 2)}\n`);
  replaceFile(join(folder, "README.md"), readme(about, written));
  replaceFile(join(folder, ".gitignore"), "*\n");
}

function readme(about: About, { rows, parts, leftOut, sha256 }: Written): string {
  const { name, title, task, labels, home, licence, sources, forced, limit, command } = about;
  const counts = Object.entries(parts).map(([part, count]) => `${part} ${formatCount(count)}`);
  const scale = labels?.map((label, i) => `${i} ${label}`).join(", ");
  const lines = [
    `# ${title}`,
    "",
    `- Home: ${home}`,
    `- Licence: ${licence}`,
    `- Task: ${task}${forced ? " (scores rounded to 0 and 1)" : ""}${scale ? `; labels ${scale}` : ""}`,
    `- Rows: ${formatCount(rows)}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}` +
      `${limit === null ? "" : ", a random sample"}; left out ${formatCount(leftOut)} without a label or not asked for`,
    `- sha256 of ${name}.jsonl: \`${sha256}\``,
    `- Made by: \`${command}\``,
    "",
    `Each line of ${name}.jsonl has \`text\`, \`label\`, and where there is one \`textPair\` and \`part\`.`,
    "",
    "| file | sha256 |",
    "|---|---|",
    ...sources.map((source) => `| ${source.from} | \`${source.sha256}\` |`),
  ];
  return `${lines.join("\n")}\n`;
}
