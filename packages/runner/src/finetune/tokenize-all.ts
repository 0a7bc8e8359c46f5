/** @file Tokenizes a whole dataset before training: here, or spread over threads. */

import type { TokenizedText } from "@probegrid/probes";
import { type TokenizeWork, tokenizeTexts } from "../jobs/tokenize.ts";

export type Tokenized = {
  readonly texts: readonly TokenizedText[];
  /** How many texts lost tokens. */
  readonly truncated: number;
};

/** Every text (or pair) as tokens; `threads` 0 works in this thread. */
export async function tokenizeAll(work: TokenizeWork, threads: number): Promise<Tokenized> {
  if (threads === 0) return joined([tokenizeTexts(work)]);
  const { createThreadExecutor } = await import("../executor.ts"); // only who needs threads loads them
  const executor = createThreadExecutor(threads);
  try {
    const size = Math.ceil(work.texts.length / threads);
    const parts = Array.from({ length: threads }, (_, i) => {
      const cut = (all: readonly string[]) => all.slice(i * size, (i + 1) * size);
      const { texts, textPairs } = work;
      const part = { ...work, texts: cut(texts), textPairs: textPairs && cut(textPairs) };
      return executor.run("tokenize", part);
    });
    return joined(await Promise.all(parts));
  } finally {
    await executor.close();
  }
}

function joined(parts: readonly ReturnType<typeof tokenizeTexts>[]): Tokenized {
  return {
    // Only what training reads is kept: a dataset's pieces and words would cost more than its ids.
    texts: parts.flatMap(({ tokenized }) =>
      tokenized.map(({ ids, typeIds }) => ({ ids, typeIds: typeIds ?? null })),
    ),
    truncated: parts.reduce((sum, part) => sum + part.truncated, 0),
  };
}
