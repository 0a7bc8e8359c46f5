/** @file The attribute job: some rows of a dataset, explained by every method that shares their forward pass. */

import {
  type AskedRow,
  type ExplainSettings,
  explainRows,
  type OpenRows,
  openRows,
} from "../attribute/explain-rows.ts";
import { idOf } from "../canonical.ts";
import type { AttributionRecord } from "../store/index.ts";

export type AttributeWork = ExplainSettings & { readonly rows: readonly AskedRow[] };

/** Records of each method, in the order of the methods; in each one per row. */
export async function attributeRows(
  work: AttributeWork,
): Promise<readonly (readonly AttributionRecord[])[]> {
  return await explainRows(await openedFor(work), work, work.rows);
}

/** Jobs come dataset by dataset, so the last explainer is enough to keep. */
let latest: { readonly key: string; readonly opened: OpenRows } | undefined;

async function openedFor({ rows: _, checkpoint, ...settings }: AttributeWork): Promise<OpenRows> {
  const key = idOf({ ...settings, checkpoint: checkpoint.id });
  if (latest?.key === key) return latest.opened;
  await latest?.opened.close();
  latest = undefined;
  const opened = await openRows({ ...settings, checkpoint });
  latest = { key, opened };
  return opened;
}
