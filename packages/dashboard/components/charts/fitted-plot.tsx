/** @file A plot as wide as its place, its letters of one size everywhere. */

"use client";

import { type ComponentProps, useRef } from "react";
import { useWidth } from "./use-width";
import { XyPlot } from "./xy-plot";

type Props = ComponentProps<typeof XyPlot> & { readonly width: number };

/** `width` is the widest it gets. */
export function FittedPlot({ width, ...plot }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const room = useWidth(place, width);
  return (
    <div ref={place} style={{ maxWidth: width }}>
      <XyPlot {...plot} width={Math.min(room, width)} />
    </div>
  );
}
