/** @file `probegrid gc`: what the cache can do without; it only lists unless told to delete. */

import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { formatBytes, plural } from "../format.ts";
import { type Unneeded, unneededFiles } from "../gc/unneeded.ts";
import { printLines } from "../print.ts";
import { openStore } from "../store/index.ts";
import { takeRunnerLock } from "../store/lock.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand } from "./define-command.ts";
import { cacheOption, storeOption } from "./options.ts";

export const gcCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({
        store: {
          ...storeOption,
          array: true,
          default: [storeOption.default],
          describe: "Databases whose experiments use the cache",
        },
        cache: cacheOption,
        delete: { type: "boolean", default: false, describe: "Delete what is listed" },
      })
      .example("$0 gc", "list it")
      .example("$0 gc --store logs/a.db logs/b.db --delete", "a cache that two stores share"),
  handler: async ({ store: files, cache, delete: really }) => {
    const stores = files.map((file) => openStore(file, { readonly: true }));
    try {
      const unneeded = really
        ? whileNobodyEncodes(cache, () => remove(unneededFiles(cache, stores)))
        : unneededFiles(cache, stores);
      await printLines(gcLines(unneeded, { cache, really }));
    } finally {
      for (const store of stores) store.close();
    }
  },
});

function remove(files: readonly Unneeded[]): readonly Unneeded[] {
  for (const { path } of files) rmSync(path, { force: true });
  return files;
}

/** A run that encodes holds the cache's lock. */
function whileNobodyEncodes<Result>(cache: string, work: () => Result): Result {
  const lock = takeRunnerLock(join(cache, "encodings"));
  try {
    return work();
  } finally {
    lock.release();
  }
}

const columns: readonly Column<Unneeded>[] = [
  { title: "file", cell: ({ path }) => basename(path) },
  { title: "size", right: true, cell: ({ bytes }) => formatBytes(bytes) },
  { title: "why", cell: ({ why }) => why },
];

function* gcLines(
  files: readonly Unneeded[],
  { cache, really }: { readonly cache: string; readonly really: boolean },
): Generator<string> {
  yield* tableLines(columns, files);
  if (files.length > 0) yield "";
  const size = formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0));
  if (files.length === 0) yield `${cache}: nothing to delete`;
  else if (really) yield `deleted ${plural(files.length, "file")}, ${size}`;
  else yield `${plural(files.length, "file")}, ${size}; --delete deletes them`;
}
