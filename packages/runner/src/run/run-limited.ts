/** @file Works through a sequence with a few items in flight at a time. */

type Limits = {
  /** How many may be in flight. */
  readonly inFlight: number;
  /** When it aborts, nothing new is begun; what is in flight is finished. */
  readonly stop: AbortSignal;
};

/**
 * Calls `work` on each item; the sequence is asked for the next item only when there is room for it, and may take its
 * time to answer.
 */
export async function runLimited<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
  { inFlight, stop }: Limits,
): Promise<void> {
  const iterator =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let broken = false;
  const lane = async (): Promise<void> => {
    while (!stop.aborted && !broken) {
      try {
        const next = await iterator.next();
        if (next.done === true || stop.aborted || broken) return;
        await work(next.value);
      } catch (error) {
        broken = true; // the other lanes finish what they have and begin nothing new
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: inFlight }, lane));
  const failure = lanes.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
