/** @file A cloud of words as SVG text: sizes follow scores; widths are measured where the letters are drawn. */

"use client";

import { useEffect, useMemo, useState } from "react";
import { cloudSize, cloudText, guessWidth, placeBoxes } from "@/lib/cloud-layout";
import { formatAmount } from "./colours";

/** A word and how large it is. */
export type CloudWord = { readonly word: string; readonly weight: number };

type Props = {
  readonly name: string;
  readonly words: readonly CloudWord[];
  readonly side: "for" | "against";
};

const family = '"Inter Variable", Inter, sans-serif';

/** Drawn with guessed widths first, then with those of the browser's own letters. */
export function WordCloud({ name, words, side }: Props) {
  const most = Math.max(...words.map(({ weight }) => weight), 1e-30);
  const shown = useMemo(
    () =>
      words.map(({ word, weight }) => ({
        text: cloudText(word),
        weight,
        size: cloudSize(weight, most),
      })),
    [words, most],
  );
  const [widths, setWidths] = useState<readonly number[] | null>(null);
  useEffect(() => {
    let current = true;
    void document.fonts.ready.then(() => {
      const context = document.createElement("canvas").getContext("2d");
      if (context === null || !current) return;
      setWidths(
        shown.map(({ text, size }) => {
          context.font = `600 ${size}px ${family}`;
          return context.measureText(text).width;
        }),
      );
    });
    return () => {
      current = false;
    };
  }, [shown]);
  const { boxes, places } = useMemo(() => {
    const all = shown.map(({ text, size }, i) => ({
      width: widths?.[i] ?? guessWidth(text, size),
      height: size * 1.12,
    }));
    return { boxes: all, places: placeBoxes(all) };
  }, [shown, widths]);
  const reach = (axis: "x" | "y", extent: "width" | "height") =>
    Math.max(
      60,
      ...places.map((place, i) => Math.abs(place[axis]) + (boxes[i]?.[extent] ?? 0) / 2),
    );
  const [halfWidth, halfHeight] = [
    Math.ceil(reach("x", "width")) + 6,
    Math.ceil(reach("y", "height")) + 6,
  ];
  return (
    <svg
      data-chart
      role="img"
      aria-label={`${name}: ${words.map(({ word }) => cloudText(word)).join(", ")}`}
      viewBox={`${-halfWidth} ${-halfHeight} ${2 * halfWidth} ${2 * halfHeight}`}
      className="mx-auto block h-auto w-full"
      style={{ maxWidth: Math.round(3.4 * halfWidth), maxHeight: "22rem" }}
      fontFamily={family}
      fontWeight="600"
      textAnchor="middle"
      fill={side === "for" ? "var(--line-2)" : "var(--line-1)"}
    >
      {shown.map(({ text, size, weight }, i) => (
        <text
          key={i}
          x={places[i]?.x}
          y={places[i]?.y}
          fontSize={size}
          dominantBaseline="central"
          fillOpacity={Math.round(80 + 20 * (weight / most)) / 100}
        >
          <title>{`${text} ${formatAmount(side === "for" ? weight : -weight)}`}</title>
          {text}
        </text>
      ))}
    </svg>
  );
}
