/** @file What an examination finds: how bad it is, and what to do about it. */

/** ok: as it should be; note: good to know; problem: something will go wrong, or has. */
export type Finding = {
  readonly level: "ok" | "note" | "problem";
  /** What was looked at: "store", "cache", "device cpu". */
  readonly subject: string;
  readonly text: string;
  /** What to do; given for every problem. */
  readonly advice?: string;
};

export function ok(subject: string, text: string): Finding {
  return { level: "ok", subject, text };
}

export function note(subject: string, text: string, advice?: string): Finding {
  return { level: "note", subject, text, ...(advice === undefined ? {} : { advice }) };
}

export function problem(subject: string, text: string, advice: string): Finding {
  return { level: "problem", subject, text, advice };
}
