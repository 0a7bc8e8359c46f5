/** @file Which encodings are there to be probed, for a probe stage that goes on beside the encode stage. */

/** What became of an encoding: it is there, it could not be made, or the run stopped before it was. */
export type Readiness = "made" | "stopped" | Error;

export interface Encodings {
  readonly settle: (encoding: string, became: Readiness) => void;
  /** All that were not settled never will be. */
  readonly close: () => void;
  readonly wait: (encoding: string) => Promise<Readiness>;
}

/** Encodings by id; one may be waited for before it is settled. The first word on it stands. */
export function createEncodings(): Encodings {
  const settled = new Map<string, Readiness>();
  const waiting = new Map<string, ((became: Readiness) => void)[]>();
  let closed = false;
  const settle = (encoding: string, became: Readiness): void => {
    if (settled.has(encoding)) return;
    settled.set(encoding, became);
    for (const tell of waiting.get(encoding) ?? []) tell(became);
    waiting.delete(encoding);
  };
  return {
    settle,
    close: () => {
      closed = true;
      for (const encoding of [...waiting.keys()]) settle(encoding, "stopped");
    },
    wait: async (encoding) => {
      const known = settled.get(encoding);
      if (known !== undefined) return known;
      if (closed) return "stopped";
      return await new Promise((resolve) => {
        waiting.set(encoding, [...(waiting.get(encoding) ?? []), resolve]);
      });
    },
  };
}
