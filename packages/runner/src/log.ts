/** @file The terminal: one rewriting line per stage, or plain lines every few seconds where there is no terminal. */

import { formatCount, formatDuration } from "./format.ts";
import { plainText } from "./plain-text.ts";

/** Where text goes: a stream of the process. */
export type Sink = {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
};

/** How far a stage is. */
export type Progress = {
  readonly done: number;
  readonly total: number;
  /** What is counted: texts, trials. */
  readonly unit: string;
  /** Part of the work that is done, 0 to 1; things counted need not all be the same amount of work. */
  readonly share: number;
  readonly failed: number;
  /** As shown: "8,123 tokens/s". */
  readonly rate: string | null;
  readonly secondsLeft: number | null;
};

/** Shows the stages under way on one line; other lines go above the line that is being rewritten. */
export interface Log {
  /** A line that stays, part of what the command prints. */
  line(text?: string): void;
  progress(stage: string, progress: Progress): void;
  /** Says how a stage ended, in the place of its progress. */
  finish(stage: string, text: string): void;
}

const plainInterval = 5000; // milliseconds between plain lines
const liveInterval = 100; // milliseconds between redraws

/** Lines that stay go to `out`, progress to `live` (standard output and standard error in practice). */
export function createLog(
  { out, live }: { readonly out: Sink; readonly live: Sink },
  now: () => number = () => performance.now(),
): Log {
  const rewriting = live.isTTY === true;
  let shown = now();
  let open = false;
  const underWay = new Map<string, Progress>();
  const clear = (): void => {
    if (open) live.write("\r\x1b[2K");
    open = false;
  };
  return {
    line(text = "") {
      clear();
      out.write(`${plainText(text)}\n`); // names come from files
    },
    progress(stage, progress) {
      const ended = progress.done === progress.total; // finish has the last word
      underWay.set(stage, progress);
      if (ended || now() - shown < (rewriting ? liveInterval : plainInterval)) return;
      shown = now();
      clear();
      const text =
        underWay.size === 1 ? describeProgress(stage, progress) : describeStages(underWay);
      live.write(rewriting ? text.slice(0, (live.columns ?? 80) - 1) : `${text}\n`);
      open = rewriting;
    },
    finish(stage, text) {
      underWay.delete(stage);
      clear();
      out.write(`${stage.padEnd(stageWidth)}  ${text}\n`);
      shown = now();
    },
  };
}

const stageWidth = "encode".length;

/** `encode  ━━━━━━━━────────────  41 %  1,230 of 3,000 texts  8,123 tokens/s  12 s left`. */
export function describeProgress(stage: string, progress: Progress): string {
  const { done, total, unit, share, failed, rate, secondsLeft } = progress;
  const parts = [
    `${stage.padEnd(stageWidth)}  ${bar(share)} ${Math.floor(share * 100)
      .toString()
      .padStart(3)} %`,
    `${formatCount(done)} of ${formatCount(total)} ${unit}`,
    rate,
    secondsLeft === null ? null : `${formatDuration(secondsLeft)} left`,
    failed > 0 ? `${formatCount(failed)} failed` : null,
  ];
  return parts.filter((part) => part !== null).join("  ");
}

/** `encode  41 %  12 s left   probe  20 %  30 s left`: stages side by side. */
function describeStages(stages: ReadonlyMap<string, Progress>): string {
  return [...stages]
    .map(([stage, { share, failed, secondsLeft }]) =>
      [
        `${stage}  ${Math.floor(share * 100)} %`,
        secondsLeft === null ? null : `${formatDuration(secondsLeft)} left`,
        failed > 0 ? `${formatCount(failed)} failed` : null,
      ]
        .filter((part) => part !== null)
        .join("  "),
    )
    .join("   ");
}

function bar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, share) * width);
  return "━".repeat(full) + "─".repeat(width - full);
}
