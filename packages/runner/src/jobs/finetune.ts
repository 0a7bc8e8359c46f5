/** @file The fine-tuning job: one training to its checkpoint, telling of itself while it runs. */

import type { Point } from "@probegrid/probes";
import {
  type FinetuneResult,
  type FinetuneWork,
  type TrainingNews,
  trainCheckpoint,
} from "../finetune/train-checkpoint.ts";
import type { JobLink } from "./link.ts";

/** News of the training; the question after an evaluation is why it should end there, null to go on. */
export type FinetuneLink = JobLink<TrainingNews, Point, string | null>;

/**
 * Trains, or goes on where an earlier call with the same work was ended. Null where the link asked it to
 * stop: its state is on disk then. Without a link nothing is told and nothing is pruned.
 */
export async function finetuneCheckpoint(
  work: FinetuneWork,
  link?: FinetuneLink,
): Promise<FinetuneResult | null> {
  if (!link) return await trainCheckpoint(work, { tell: () => {} });
  const { tell, flush } = inPauses(link.tell);
  const { signal } = link;
  const prune = async (point: Point) => await link.ask(point);
  const listener = { tell, signal, ...(work.pruning && { prune }) };
  const result = await trainCheckpoint(work, listener);
  flush();
  return result;
}

type Update = Extract<TrainingNews, { readonly kind: "update" }>;

const pause = 100; // milliseconds between news of updates: a small model takes thousands a second

/** Updates are told together, ten times a second: tokens added up, losses averaged; other news at once. */
function inPauses(tell: FinetuneLink["tell"]): {
  readonly tell: FinetuneLink["tell"];
  readonly flush: () => void;
} {
  let told = Number.NEGATIVE_INFINITY;
  let waiting: Update[] = [];
  const flush = (): void => {
    const last = waiting.at(-1);
    if (!last) return;
    const sum = (of: (update: Update) => number) => waiting.reduce((all, one) => all + of(one), 0);
    const together = { ...last, loss: sum(({ loss }) => loss) / waiting.length };
    tell({ ...together, tokens: sum(({ tokens }) => tokens) });
    waiting = [];
    told = performance.now();
  };
  return {
    flush,
    tell: (news) => {
      if (news.kind === "update") {
        waiting.push(news);
        if (performance.now() - told >= pause) flush();
        return;
      }
      if (news.kind === "working" && performance.now() - told < pause) return;
      flush();
      tell(news);
      told = performance.now();
    },
  };
}
