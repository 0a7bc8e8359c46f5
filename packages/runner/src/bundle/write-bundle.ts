/** @file Writes an experiment with everything it consists of as one file: compressed JSON lines with a checksum at the end. */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { openPending } from "../atomic-file.ts";
import type { Store } from "../store/index.ts";
import { storeVersion } from "../store/migrate.ts";
import { experimentKey } from "../store/runs.ts";
import { type BundleTable, bundleTables } from "./tables.ts";

/** First line of a bundle. */
export const bundleFormat = "probegrid experiment";

export type BundleSummary = { readonly trials: number; readonly rows: number };

/** Writes one experiment to a file that appears whole or not at all. */
export async function writeBundle(
  store: Store,
  { experiment, file }: { readonly experiment: string; readonly file: string },
): Promise<BundleSummary> {
  const key = experimentKey(store, experiment);
  const pending = openPending(file);
  try {
    const gzip = createGzip();
    const out = createWriteStream(pending.path, { fd: pending.descriptor, autoClose: false });
    const written = finished(gzip.pipe(out));
    const hash = createHash("sha256");
    const write = async (value: object): Promise<void> => {
      const line = `${JSON.stringify(value)}\n`;
      hash.update(line);
      if (!gzip.write(line)) await once(gzip, "drain");
    };
    let rows = 0;
    let trials = 0;
    await write({ format: bundleFormat, version: storeVersion, experiment });
    for (const table of bundleTables) {
      for (const row of rowsOf(store, table, key)) {
        await write({ table: table.name, row });
        rows++;
        if (table.name === "trials") trials++;
      }
    }
    gzip.end(`${JSON.stringify({ rows, sha256: hash.digest("hex") })}\n`);
    await written;
    pending.commit();
    return { trials, rows };
  } finally {
    pending.discard();
  }
}

/** Rows as JSON can say them: bytes in base64, and trials that were not finished as pending. */
function* rowsOf(store: Store, table: BundleTable, experiment: number): Generator<object> {
  const names = table.columns.map(({ name }) => `"${name}"`).join(", ");
  const select = store.sqlite.prepare<[{ experiment: number }], Record<string, unknown>>(
    `select ${names} from "${table.name}" where ${table.where}`,
  );
  for (const row of select.iterate({ experiment })) {
    if (table.name === "trials" && row.state === "running") row.state = "pending";
    for (const { name, kind } of table.columns) {
      if (kind === "blob" && row[name] !== null)
        row[name] = (row[name] as Buffer).toString("base64");
    }
    yield row;
  }
}
