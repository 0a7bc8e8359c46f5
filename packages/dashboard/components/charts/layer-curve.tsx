/** @file Score by layer: one line per pooling, model and classifier, read and selected with the pointer or the keys. */

"use client";

import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import type { Curve, CurveLine } from "@/lib/curve";
import { isEmptySelection, isSelected, type Selection } from "@/lib/view";
import { toggled, useSelection } from "../view-context";
import { layOutPlot } from "./curve-data";
import { CurveDrawing } from "./curve-drawing";
import { CurveLegend } from "./curve-legend";
import { CurveReading } from "./curve-reading";
import { lineColour } from "./line-look";
import { useWidth } from "./use-width";

/** Pixels from a dot within which a click means it. */
const reach = 30;
const height = 320;

/** The chart and its legend. A click on a point or a legend entry selects it everywhere; arrow keys read layer by layer. */
export function LayerCurve({ curve }: { curve: Curve }) {
  const { selection, select } = useSelection();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, 900);
  const [layer, setLayer] = useState<string | null>(null);
  const plot = useMemo(() => layOutPlot(curve, width, height), [curve, width]);
  const lines = useMemo(() => {
    const chosen = withoutPlace(selection);
    const all = isEmptySelection(chosen);
    const marked = curve.lines.map((line) => all || isSelected(chosen, line.values));
    return { strong: marked, place: all ? 0 : Math.max(0, marked.indexOf(true)) };
  }, [selection, curve]);
  const chosen = selection.layer ?? none;

  const choose = (line: CurveLine | undefined) => {
    if (line !== undefined && layer !== null) select(toggled(selection, { ...line.values, layer }));
  };
  const placeOf = (event: PointerEvent | React.MouseEvent) => {
    const box = frame.current?.getBoundingClientRect();
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)] as const;
  };
  const onClick = (event: React.MouseEvent) => {
    const [, y] = placeOf(event);
    const dots = curve.lines.flatMap((line) => {
      const point = line.points.find((one) => one.layer === layer);
      return point === undefined ? [] : [{ line, distance: Math.abs(plot.up(point.mean) - y) }];
    });
    const nearest = dots.toSorted((a, b) => a.distance - b.distance)[0];
    if (nearest !== undefined && nearest.distance < reach) choose(nearest.line);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = layer === null ? -1 : curve.layers.indexOf(layer);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: curve.layers.length - 1 }[
      event.key
    ];
    if (next !== undefined) setLayer(curve.layers[Math.max(0, next)] ?? layer);
    else if (event.key === "Enter" || event.key === " ") choose(curve.lines[lines.place]);
    else if (event.key === "Escape" && layer !== null) setLayer(null);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        ref={frame}
        role="group"
        tabIndex={0}
        aria-label="Layer curve; arrow keys read it layer by layer, Enter selects the marked line at a layer"
        className="relative cursor-pointer"
        style={{ height }}
        onPointerMove={(event) => setLayer(plot.layerAt(placeOf(event)[0]) ?? null)}
        onPointerLeave={() => setLayer(null)}
        onBlur={() => setLayer(null)}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <CurveDrawing curve={curve} plot={plot} {...lines} chosen={chosen} />
        {layer !== null && <Mark curve={curve} plot={plot} layer={layer} />}
        <div
          aria-live="polite"
          className="pointer-events-none absolute top-2 z-10 max-w-full"
          style={besides(layer === null ? 0 : plot.across(layer), width)}
        >
          <CurveReading curve={curve} layer={layer} />
        </div>
      </div>
      <CurveLegend lines={curve.lines} focus={lines.place} />
    </>
  );
}

const none: readonly string[] = [];

/** A hair line at the layer that is read, and larger dots on the lines. */
function Mark({
  curve,
  plot,
  layer,
}: {
  curve: Curve;
  plot: ReturnType<typeof layOutPlot>;
  layer: string;
}) {
  const x = plot.across(layer);
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${plot.width} ${plot.height}`}
      className="pointer-events-none absolute inset-0 h-full w-full"
    >
      <path d={`M${x},${plot.top}V${plot.bottom}`} stroke="var(--faint)" strokeDasharray="3 3" />
      {curve.lines.map((line, i) => {
        const point = line.points.find((one) => one.layer === layer);
        return point === undefined ? null : (
          <circle key={i} cx={x} cy={plot.up(point.mean)} r="5" fill={lineColour(i)} />
        );
      })}
    </svg>
  );
}

/** On the side of a place that has more room. */
function besides(x: number, width: number): React.CSSProperties {
  return x < width / 2 ? { left: Math.round(x) + 14 } : { right: Math.round(width - x) + 14 };
}

/** What of a selection concerns whole lines. */
function withoutPlace(selection: Selection): Selection {
  const { layer: _layer, score: _score, ...rest } = selection;
  return rest;
}
