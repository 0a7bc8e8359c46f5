/** @file Batch sizes that fitted into a GPU's memory, kept in the cache folder from one run to the next. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "@probegrid/probes";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import { batchTokens } from "../jobs/batch-tokens.ts";
import { type BatchSizes, createBatchSizes } from "./try-again.ts";

const sizesSchema = z.record(z.string(), z.record(z.string(), z.int().min(1)));
type Sizes = z.infer<typeof sizesSchema>;

/** Sizes for a run on a device. The CPU's are not kept: how much memory is free there changes from night to night. */
export function batchSizesFor(device: Device, cache: string): BatchSizes {
  const first = batchTokens[device];
  if (device === "cpu" || device === "tfjs") return createBatchSizes(first);
  const file = join(cache, "batch-sizes.json");
  return createBatchSizes(first, {
    known: readSizes(file)[device] ?? {},
    keep: (sizes) => {
      const all = { ...readSizes(file), [device]: sizes };
      replaceFile(file, JSON.stringify(all, null, 2));
    },
  });
}

/** What the file says; nothing where it is not there or damaged, for then the sizes are found again. */
function readSizes(file: string): Sizes {
  if (!existsSync(file)) return {};
  try {
    return sizesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
