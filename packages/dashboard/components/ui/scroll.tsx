/** @file A part that scrolls by itself, reachable by keyboard and named for screen readers. */

import type { ComponentProps } from "react";
import { cn } from "./cn";

type Props = ComponentProps<"div"> & { readonly label: string };

/** Scrolls sideways; other directions by class. */
export function Scroll({ label, className, ...rest }: Props) {
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className={cn("overflow-x-auto", className)}
      {...rest}
    />
  );
}
