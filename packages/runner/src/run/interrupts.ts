/** @file Ctrl-C: the first one asks the run to end well, the second one ends it. */

/** A signal that aborts at the first interrupt; `release` gives Ctrl-C its usual meaning back. */
export function watchInterrupts(told: () => void): {
  readonly stop: AbortController;
  readonly release: () => void;
} {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(interruptedExitCode);
    told();
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    stop,
    release: () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}

/** What shells expect of a command that was interrupted: 128 + SIGINT. */
export const interruptedExitCode = 130;
