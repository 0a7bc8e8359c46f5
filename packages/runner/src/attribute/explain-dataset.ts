/** @file Explains rows of a dataset in workers, a few at a time; a row that ends its worker is marked, the run goes on. */

import { messageOf } from "../errors.ts";
import type { Executor } from "../executor.ts";
import { isFatal } from "../explain-error.ts";
import { runLimited } from "../run/run-limited.ts";
import type { AttributionRecord } from "../store/index.ts";
import { failureKind } from "../supervisor/lost-worker.ts";
import type { AskedRow, ExplainSettings } from "./explain-rows.ts";

/** Records of each method, in the order of the methods; in each one per row. */
type ByMethod = readonly (readonly AttributionRecord[])[];

export type DatasetWork = {
  readonly settings: Omit<ExplainSettings, "threads">;
  readonly rows: readonly AskedRow[];
  /** Rows of one job, as `rowsTogether` says. */
  readonly together: number;
};

type Way = {
  readonly executor: Executor;
  /** Aborting it finishes the rows in flight. */
  readonly stop: AbortSignal;
  /** Called as jobs end, in any order. */
  readonly record: (found: ByMethod) => void;
};

/** Explains every row once. A problem that every row would meet is thrown. */
export async function explainDataset(work: DatasetWork, way: Way): Promise<void> {
  const { executor, stop, record } = way;
  const explain = async (rows: readonly AskedRow[]): Promise<ByMethod> =>
    await executor.run("attribute", { ...work.settings, threads: executor.threads, rows });
  await runLimited(
    chunksOf(work),
    async (rows) => record(await explainAgain(explain, rows, work.settings.methods.length)),
    { inFlight: executor.room("attribute"), stop }, // each worker keeps one explainer, for one job at a time
  );
}

const longestJob = 20; // expected seconds: what a kill can lose
const mostRows = 32;
const jobsOfFew = 16; // of datasets so small that workers would idle otherwise

/**
 * How many rows of a dataset are explained together: few where they are slow. Rows share batches, and so the last bits
 * of what is found; so it depends on nothing but the work, and cuts are at its multiples.
 */
export function rowsTogether(rows: number, secondsPerRow: number): number {
  const quick = Math.floor(longestJob / Math.max(secondsPerRow, 1e-3));
  return Math.max(1, Math.min(mostRows, Math.ceil(rows / jobsOfFew), quick));
}

function* chunksOf({ rows, together }: DatasetWork): Generator<readonly AskedRow[]> {
  for (let start = 0; start < rows.length; ) {
    const job = (row = start): number => Math.floor((rows[row]?.row ?? -1) / together);
    let end = start + 1;
    while (end < rows.length && job(end) === job()) end++;
    yield rows.slice(start, end);
    start = end;
  }
}

type Explain = (rows: readonly AskedRow[]) => Promise<ByMethod>;

/** When a worker is lost each row is tried alone, so that only the one at fault has no answer. */
async function explainAgain(
  explain: Explain,
  rows: readonly AskedRow[],
  methods: number,
): Promise<ByMethod> {
  try {
    return await explain(rows);
  } catch (error) {
    if (isFatal(error) || failureKind(error) === "final") throw error;
  }
  const alone: ByMethod[] = [];
  for (const row of rows) {
    const lost = (error: string): ByMethod => new Array(methods).fill([lostRecord(row, error)]);
    alone.push(await explainAlone(async () => await explain([row]), lost));
  }
  return Array.from({ length: methods }, (_, m) => alone.flatMap((one) => one[m]!));
}

async function explainAlone(
  explain: () => Promise<ByMethod>,
  lost: (error: string) => ByMethod,
): Promise<ByMethod> {
  try {
    return await explain();
  } catch (error) {
    if (isFatal(error) || failureKind(error) === "final") throw error;
    return lost(`${messageOf(error)} (tried again alone, with the same end)`);
  }
}

/** A row without an answer: what is known of it, and why. */
function lostRecord({ row }: AskedRow, error: string): AttributionRecord {
  const nothing = { target: "", predicted: "", tokens: [], words: new Int32Array(), marks: [] };
  return { row, ...nothing, error };
}
