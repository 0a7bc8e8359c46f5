/** @file A word with a coloured dot: states of trials and experiments. */

import { cn } from "./cn.ts";

const colours: Record<string, string> = {
  running: "bg-accent animate-pulse",
  done: "bg-good",
  failed: "bg-bad",
  stopped: "bg-warn",
};

/** A state as a dot and its name. */
export function State({ name }: { name: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span aria-hidden className={cn("size-2 rounded-full bg-faint/60", colours[name])} />
      {name}
    </span>
  );
}

/** A small label, for tags, flags and kinds. */
export function Badge({ children, warn }: { children: React.ReactNode; warn?: boolean }) {
  return (
    <span
      className={cn(
        "inline-block rounded-full border px-2 py-px text-[11.5px] leading-4 text-soft",
        warn && "border-warn/40 text-warn",
      )}
    >
      {children}
    </span>
  );
}
