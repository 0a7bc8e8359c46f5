/** @file Panels of dots in as many columns as there is room for; on a phone one below the other. */

"use client";

import { useRef } from "react";
import { Drawing } from "../charts/drawing";
import { useWidth } from "../charts/use-width";
import { type DotRow, DotRows, panelHeight } from "./dot-rows";

/** A panel: its rows, and the widest range that its axis may show. */
export type DotPanel = {
  readonly title: string;
  readonly rows: readonly DotRow[];
  readonly limits?: readonly [number, number] | undefined;
};

type Props = {
  readonly name: string;
  readonly panels: readonly DotPanel[];
  readonly axis: string;
  /** Columns at most. */
  readonly columns: number;
  /** Width of a panel where there is room. */
  readonly wide: number;
  /** Room for the names. */
  readonly left: number;
  /** Whether 0 is on every axis. */
  readonly zero?: boolean;
};

const gap = 12;

/** One drawing, so that it is saved as one. */
export function DotPanels({ name, panels, axis, columns, wide, left, zero = false }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const most = Math.min(columns, panels.length);
  const room = useWidth(place, most * (wide + gap) - gap);
  const across = Math.max(1, Math.min(most, Math.floor((room + gap) / (wide + gap))));
  const own = Math.min(wide, room);
  const height = panelHeight(Math.max(...panels.map(({ rows }) => rows.length))) + 8;
  const width = across * (own + gap) - gap;
  const whole = Math.ceil(panels.length / across) * height;
  return (
    <div ref={place} className="overflow-hidden">
      <Drawing {...{ name, width }} height={whole}>
        {panels.map((panel, i) => (
          <DotRows
            key={panel.title}
            {...{ ...panel, axis, left, zero, width: own }}
            x={(i % across) * (own + gap)}
            y={Math.floor(i / across) * height}
          />
        ))}
      </Drawing>
    </div>
  );
}
