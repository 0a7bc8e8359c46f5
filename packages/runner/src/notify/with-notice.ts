/** @file Runs an experiment and tells somebody when it stands still and how it ended. */

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { RunOutcome } from "../store/index.ts";
import { type Notice, sendNotice } from "./notice.ts";
import { watchStall } from "./watch-stall.ts";

type Options = {
  /** A web address or a command; undefined tells nobody. */
  readonly target: string | undefined;
  readonly experiment: string;
  readonly log: Log;
};

/** Calls `run` with a log that is watched; an error is told as well, and thrown on. */
export async function withNotice(
  { target, experiment, log }: Options,
  run: (log: Log) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  if (target === undefined) return await run(log);
  const tell = async (notice: Omit<Notice, "experiment">): Promise<void> => {
    const failure = await sendNotice(target, { ...notice, experiment });
    if (failure !== null) log.line(`note: --notify: nobody was told: ${failure}`);
  };
  const watched = watchStall(log, () => {
    const text = `${experiment}: nothing was finished for a quarter of an hour`;
    void tell({ event: "stalled", outcome: null, text });
  });
  try {
    const outcome = await run(watched.log);
    await tell({ event: "ended", outcome, text: `${experiment}: ${outcome}` });
    return outcome;
  } catch (error) {
    const text = `${experiment}: ${messageOf(error)}`;
    await tell({ event: "ended", outcome: "error", text });
    throw error;
  } finally {
    watched.end();
  }
}
