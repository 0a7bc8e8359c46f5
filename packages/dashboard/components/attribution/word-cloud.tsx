/** @file A cloud of words as SVG text: sizes follow scores; widths are measured where the letters are drawn. */

"use client";

import { useEffect, useMemo, useState } from "react";
import { cloudSize, cloudText, guessWidth, placeBoxes } from "@/lib/cloud-layout";
import { formatAmount } from "./colours";
import { useAttributionView } from "./view";

/** A word and how large it is. */
export type CloudWord = { readonly word: string; readonly weight: number };

type Props = {
  readonly name: string;
  readonly words: readonly CloudWord[];
  readonly side: keyof typeof colours;
  /** Words that can be clicked: their contexts are known. */
  readonly keywords?: readonly string[];
};

const colours = { for: "var(--line-2)", against: "var(--line-1)", around: "var(--ink)" } as const;

const family = '"Inter Variable", Inter, sans-serif';

/** Drawn with guessed widths first, then with those of the browser's own letters. */
export function WordCloud({ name, words, side, keywords = [] }: Props) {
  const { change } = useAttributionView();
  const most = Math.max(...words.map(({ weight }) => weight), 1e-30);
  const shown = useMemo(
    () =>
      words.map(({ word, weight }) => ({
        ...{ word, weight },
        text: cloudText(word),
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
      role={keywords.length > 0 ? "group" : "img"}
      aria-label={`${name}: ${words.map(({ word }) => cloudText(word)).join(", ")}`}
      viewBox={`${-halfWidth} ${-halfHeight} ${2 * halfWidth} ${2 * halfHeight}`}
      className="mx-auto block h-auto w-full"
      style={{ maxWidth: Math.round(3.4 * halfWidth), maxHeight: "22rem" }}
      fontFamily={family}
      fontWeight="600"
      textAnchor="middle"
      fill={colours[side]}
    >
      {shown.map(({ word, text, size, weight }, i) => (
        <text
          key={i}
          {...(keywords.includes(word) && keywordLook(text, () => change({ around: word })))}
          x={places[i]?.x}
          y={places[i]?.y}
          fontSize={size}
          dominantBaseline="central"
          fillOpacity={Math.round(80 + 20 * (weight / most)) / 100}
        >
          <title>{`${text} ${formatAmount(side === "against" ? -weight : weight)}`}</title>
          {text}
        </text>
      ))}
    </svg>
  );
}

/** A word that shows its context: underlined, by mouse and keyboard. */
const keywordLook = (text: string, show: () => void) =>
  ({
    role: "button",
    tabIndex: 0,
    "aria-label": `words around ${text}`,
    className: "cursor-pointer",
    style: { textDecoration: "underline 1.5px", textUnderlineOffset: "0.12em" },
    onClick: show,
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show();
    },
  }) as const;
