/** @file The encode stage: one pass of each model over each dataset, for every feature that is missing. */

import { createCache } from "../cache.ts";
import { messageOf } from "../errors.ts";
import { isDiskFull } from "../explain-error.ts";
import { formatCount, formatDuration, plural } from "../format.ts";
import { missingFeatures } from "../plan.ts";
import { checkEncoding } from "./check-encoding.ts";
import type { RunContext } from "./context.ts";
import { encodeLanes } from "./encode-lanes.ts";
import { encodeTargetChunk, finishTarget, openTarget, type Target } from "./encode-target.ts";
import { lockCache } from "./lock-cache.ts";
import { lockEncodings } from "./lock-encodings.ts";
import type { PendingPair } from "./pending.ts";
import { createEncodings, type Encodings } from "./readiness.ts";
import { runLimited } from "./run-limited.ts";
import { createStage, type Stage } from "./stage.ts";

/** Makes what is missing of these pairs, and settles each encoding when it is there or can not be made. */
export async function encodeGrid(
  context: RunContext,
  pairs: readonly PendingPair[],
  encodings: Encodings,
): Promise<void> {
  try {
    for (const { pair } of pairs) {
      await checkEncoding(context, pair.encoding);
      if (missingFeatures(pair, context.cache).size === 0) encodings.settle(pair.encoding, "made");
    }
    if (context.stop.signal.aborted) return;
    if (pairs.every(({ pair }) => missingFeatures(pair, context.cache).size === 0)) return;
    createCache(context.cache);
    const lock = await lockCache(context);
    if (lock === null) return;
    try {
      await encodePairs(context, pairs, encodings);
    } finally {
      lock.release();
    }
  } finally {
    encodings.close();
  }
}

/** As `encodeGrid`, for who shares the cache with others that encode other pairs; returns why some could not be made. */
export async function encodePairs(
  context: RunContext,
  pairs: readonly PendingPair[],
  encodings: Encodings = createEncodings(),
): Promise<ReadonlyMap<string, Error>> {
  const locks = await lockEncodings(context, pairs);
  if (locks === null) return new Map();
  try {
    return await encodeLocked(context, pairs, encodings);
  } finally {
    locks.release();
  }
}

async function encodeLocked(
  context: RunContext,
  pairs: readonly PendingPair[],
  encodings: Encodings,
): Promise<ReadonlyMap<string, Error>> {
  const { executor, stop, log } = context;
  const failures = new Map<string, Error>();
  const targets = pairs.flatMap(({ pair }) => openTarget(context, pair) ?? []);
  settleMade(context, pairs, encodings); // another run may have made them while this one waited
  if (targets.length === 0) return failures;
  const begun = performance.now();
  const stage = openStage(context, targets);
  const weightBytes = targets.map(({ pair }) => pair.model.checkpoint.bytes);
  const { lanes, threads } = encodeLanes(executor, context.device, weightBytes);
  const encode = async ({ target, chunk }: { target: Target; chunk: number }): Promise<void> => {
    const { encoding } = target.pair;
    if (failures.has(encoding)) return;
    try {
      stage.advance(await encodeTargetChunk(context, target, { chunk, lanes, threads }));
      settleMade(context, [target], encodings);
    } catch (error) {
      if (isDiskFull(error)) throw error;
      failures.set(encoding, error instanceof Error ? error : new Error(messageOf(error)));
      encodings.settle(encoding, failures.get(encoding) as Error);
      if (context.failFast) stop.abort();
    }
  };
  await runLimited(openChunks(context, targets, lanes), encode, {
    inFlight: lanes,
    stop: stop.signal,
  });
  settleMade(context, pairs, encodings);
  log.finish("encode", summaryOf(stage, { seconds: (performance.now() - begun) / 1000, failures }));
  return failures;
}

function settleMade(
  { cache }: RunContext,
  pairs: readonly Pick<PendingPair, "pair">[],
  encodings: Encodings,
): void {
  for (const { pair } of pairs) {
    if (missingFeatures(pair, cache).size === 0) encodings.settle(pair.encoding, "made");
  }
}

/** Chunks that no earlier run finished; a target that lacks only its name gets it. */
function* openChunks(context: RunContext, targets: readonly Target[], lanes: number) {
  for (const target of targets) {
    const { chunking, partial } = target;
    if (partial.finished.size === chunking.chunks.length) finishTarget(context, target, lanes);
    for (const chunk of chunking.chunks.keys()) {
      if (!partial.finished.has(chunk)) yield { target, chunk };
    }
  }
}

function openStage(context: RunContext, targets: readonly Target[]): Stage {
  const before = targets.map(({ chunking, partial }) => {
    const done = [...partial.finished.keys()];
    return {
      texts: done.reduce((sum, chunk) => sum + (chunking.chunks[chunk]?.length ?? 0), 0),
      work: done.reduce((sum, chunk) => sum + (chunking.work[chunk] ?? 0), 0),
    };
  });
  return createStage(
    {
      name: "encode",
      unit: "texts",
      rateUnit: "tokens",
      total: sum(targets.map(({ pair }) => pair.dataset.texts.length)),
      before: sum(before.map(({ texts }) => texts)),
      work: sum(targets.map(({ chunking }) => sum(chunking.work))),
      workBefore: sum(before.map(({ work }) => work)),
    },
    context,
  );
}

type Ending = { readonly seconds: number; readonly failures: ReadonlyMap<string, Error> };

function summaryOf(stage: Stage, { seconds, failures }: Ending): string {
  const { done, counted, truncated } = stage;
  return [
    `${plural(done, "text")} in ${formatDuration(seconds)}`,
    `${formatCount(counted / seconds)} tokens/s`,
    truncated > 0 ? `${plural(truncated, "text")} truncated` : null,
    failures.size > 0 ? `${plural(failures.size, "encoding")} failed` : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
