/** @file Notices that a run stands still, from what it shows. */

import type { Log } from "../log.ts";

/** Milliseconds without anything finished. */
export const stallAfter = 15 * 60_000;

/** A log that calls `stalled` once each time nothing was finished for so long; `end` stops watching. */
export function watchStall(
  log: Log,
  stalled: () => void,
  after = stallAfter,
): { readonly log: Log; readonly end: () => void } {
  let done = "";
  let timer: NodeJS.Timeout | undefined;
  const moved = (): void => {
    clearTimeout(timer);
    timer = setTimeout(stalled, after);
    timer.unref();
  };
  moved();
  return {
    log: {
      line: (text) => log.line(text),
      progress(stage, progress) {
        const now = `${stage} ${progress.done}`;
        if (now !== done) moved();
        done = now;
        log.progress(stage, progress);
      },
      finish(stage, text) {
        moved();
        log.finish(stage, text);
      },
    },
    end: () => clearTimeout(timer),
  };
}
