/** @file What an entry of `datasets` says, with absolute paths: good from whatever folder it is read again. */

import { locate } from "../locate.ts";
import { type DatasetOptions, readDatasetSpec } from "./spec.ts";

const files = ["path", "train", "validation", "test"] as const;

/** The checked entry; relative paths are looked up as `loadDataset` does. */
export function locatedSpec(spec: unknown, from?: string): DatasetOptions {
  const options = readDatasetSpec(spec);
  const found = files.flatMap((name) => {
    const path = options[name];
    if (path === undefined) return [];
    return [[name, locate(path, { what: "dataset", ...(from !== undefined && { from }) })]];
  });
  return { ...options, ...Object.fromEntries(found) };
}
