/** @file Reads a bundle line by line, trusting nothing in it: sizes are limited, every value is checked, the end must fit. */

import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { ExperimentError, messageOf } from "../errors.ts";
import { parseJson } from "../parse-json.ts";
import { storeVersion } from "../store/migrate.ts";
import { checkRow, type Row } from "./check-row.ts";
import { type BundleTable, bundleTables } from "./tables.ts";
import { bundleFormat } from "./write-bundle.ts";

/** One row and the table it is for. */
export type BundleRow = { readonly table: BundleTable; readonly row: Row };

const longestLine = 256 * 2 ** 20; // characters: predictions of a fold of 40 million rows
const mostBytes = 64 * 2 ** 30; // unpacked
const mostValues = 1000; // a row has a value for each column
const mostGrowth = 1000; // times the packed size that was read; gzip does not pack real rows tighter

/** Tables have only been added since this version of the store: an older bundle lacks their rows, and nothing else. */
const oldestVersion = 3;

const heading = z.strictObject({
  format: z.literal(bundleFormat),
  version: z.int().min(1),
  experiment: z.string().min(1),
});
const line = z.union([
  z.strictObject({ table: z.string(), row: z.record(z.string(), z.unknown()) }),
  z.strictObject({ rows: z.int(), sha256: z.string() }),
]);

/** True when a file is packed as bundles are. */
export function isBundle(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, "r");
  try {
    return readSync(descriptor, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(descriptor);
  }
}

/** The rows of a bundle, in the order of its tables; throws an ExperimentError at the first thing that is wrong. */
export async function* readBundle(file: string): AsyncGenerator<BundleRow> {
  const tables = new Map(bundleTables.map((table, place) => [table.name, { table, place }]));
  const hash = createHash("sha256");
  let rows = 0;
  let place = 0;
  let first = true;
  let ended = false;
  for await (const text of readLines(file)) {
    if (ended) throw damaged(file, "something follows its end");
    const value = parse(file, text);
    if (first) {
      checkHeading(file, value);
      first = false;
    } else {
      const found = line.safeParse(value);
      if (!found.success) throw damaged(file, "a line is neither a row nor the end");
      if ("rows" in found.data) {
        if (found.data.rows !== rows) throw damaged(file, `it has ${rows} rows, not all of them`);
        if (found.data.sha256 !== hash.digest("hex")) throw damaged(file, "its checksum differs");
        ended = true;
        continue;
      }
      const known = tables.get(found.data.table);
      if (!known || known.place < place) {
        throw damaged(file, `unexpected table ${JSON.stringify(found.data.table.slice(0, 40))}`);
      }
      place = known.place;
      rows++;
      yield { table: known.table, row: checkRow(known.table, found.data.row, file) };
    }
    hash.update(`${text}\n`);
  }
  if (!ended) throw damaged(file, "its end is missing");
}

function checkHeading(file: string, value: unknown): void {
  const found = heading.safeParse(value);
  if (!found.success) {
    throw new ExperimentError(`${file}: expected an experiment that probegrid export wrote`);
  }
  const { version } = found.data;
  if (version < oldestVersion || version > storeVersion) {
    throw new ExperimentError(
      `${file}: was exported from a store of version ${version}, expected ${oldestVersion} to ${storeVersion}; export it again with this version`,
    );
  }
}

function parse(file: string, text: string): unknown {
  try {
    return parseJson(text, { depth: 3, values: mostValues });
  } catch {
    throw damaged(file, "a line is not JSON of a row");
  }
}

/** Unpacked lines; a file that unpacks to far more than it is, is refused while it does. */
async function* readLines(file: string): AsyncGenerator<string> {
  const packed = createReadStream(file);
  const gunzip = createGunzip();
  packed.on("error", (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest: string[] = [];
  let length = 0;
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes || bytes > 2 ** 20 + mostGrowth * packed.bytesRead) {
        throw damaged(file, "it unpacks to far more than it is");
      }
      const parts = decoder.decode(chunk, { stream: true }).split("\n");
      for (const [i, part] of parts.entries()) {
        rest.push(part);
        length += part.length;
        if (length > longestLine) throw damaged(file, "a line is too long");
        if (i === parts.length - 1) break;
        yield rest.join("");
        rest = [];
        length = 0;
      }
    }
  } catch (error) {
    throw error instanceof ExperimentError ? error : damaged(file, messageOf(error));
  } finally {
    packed.destroy();
  }
  if (length > 0) throw damaged(file, "its last line is cut off");
}

function damaged(file: string, what: string): ExperimentError {
  return new ExperimentError(`${file}: the bundle is damaged: ${what}`);
}
