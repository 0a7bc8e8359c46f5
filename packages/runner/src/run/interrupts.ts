/** @file Ctrl-C: the first one asks the run to end well, the second one ends it. */

import { isSupervised } from "../supervisor/crash.ts";

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
  const listen = isSupervised() ? hearSupervisor(interrupt) : hearSignals(interrupt);
  return { stop, release: listen };
}

function hearSignals(interrupt: () => void): () => void {
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return () => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  };
}

/** Signals often go to the supervisor and to this process: only what the supervisor passes on counts. */
function hearSupervisor(interrupt: () => void): () => void {
  const ignore = (): void => {};
  const hear = (message: unknown): void => {
    if (typeof message === "object" && message !== null && "interrupt" in message) interrupt();
  };
  const leave = (): void => process.exit(1); // nobody is left who could start this one again
  const silence = hearSignals(ignore);
  process.on("message", hear);
  process.on("disconnect", leave);
  process.channel?.unref();
  return () => {
    silence();
    process.off("message", hear);
    process.off("disconnect", leave);
  };
}

/** What shells expect of a command that was interrupted: 128 + SIGINT. */
export const interruptedExitCode = 130;
