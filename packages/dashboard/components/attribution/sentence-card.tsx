/** @file One text coloured by every method, one under the other; a word that is pointed at is marked in all of them. */

"use client";

import { type KeyboardEvent, useRef, useState } from "react";
import { ChartCard } from "../chart-card";
import { formatAmount } from "./colours";
import { drawSentences } from "./draw-sentences";
import { Legend } from "./legend";
import { Sentence, type ShownMethod, type ShownUnit } from "./sentence";

type Props = {
  readonly units: readonly ShownUnit[];
  readonly methods: readonly ShownMethod[];
  readonly target: string;
  readonly numbers: boolean;
  readonly row: number;
  readonly controls: React.ReactNode;
};

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Sentences with their legend; arrow keys move over words and methods. */
export function SentenceCard({ units, methods, target, numbers, row, controls }: Props) {
  const [at, setAt] = useState<readonly [word: number, method: number] | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const explained = methods.filter(({ scores }) => scores !== null);
  const move = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [word, method] = at ?? [-step[0], -step[1]];
    setAt([
      Math.min(units.length - 1, Math.max(0, word + step[0])),
      Math.min(explained.length - 1, Math.max(0, method + step[1])),
    ]);
  };
  const point = (target: EventTarget) => {
    const place = (target as Element).closest("[data-word]")?.getAttribute("data-word")?.split(" ");
    if (place !== undefined) setAt([Number(place[0]), Number(place[1])]);
  };
  return (
    <ChartCard
      title="Sentences by method"
      file={`sentences-row-${row}`}
      controls={controls}
      draw={() => (frame.current === null ? null : drawSentences(frame.current))}
      table={{
        columns: ["place", "token", ...explained.map(({ label }) => label)],
        rows: units.map(({ text }, i) => [
          i + 1,
          text,
          ...explained.map(({ scores }) => scores?.[i] ?? null),
        ]),
      }}
      caption={<Legend target={target} signed={explained.some(({ signed }) => signed)} />}
    >
      <div
        ref={frame}
        role="group"
        tabIndex={0}
        aria-label={`${units.length} words coloured by ${explained.length} methods; arrow keys move over words and methods`}
        className="divide-y"
        onKeyDown={move}
        onPointerOver={(event) => point(event.target)}
      >
        {methods.map((method) => (
          <Sentence
            key={method.label}
            units={units}
            method={method}
            place={explained.indexOf(method)}
            at={at === null ? null : at[0]}
            numbers={numbers}
          />
        ))}
      </div>
      <p
        aria-live="polite"
        className="numbers mt-2 min-h-10 rounded-lg bg-sunk px-3 py-2 text-[12.5px] text-soft"
      >
        {at === null
          ? "Point at a word, or move with the arrow keys, to read its scores."
          : reading(units, explained, at)}
      </p>
    </ChartCard>
  );
}

/** The word, the score of the method pointed at, then the others'. */
function reading(
  units: readonly ShownUnit[],
  methods: readonly ShownMethod[],
  [word, method]: readonly [number, number],
): React.ReactNode {
  const unit = units[word];
  if (unit === undefined) return null;
  const told = [methods[method], ...methods.filter((_, i) => i !== method)];
  return (
    <>
      <bdi className="mr-2 inline-block max-w-64 truncate align-bottom font-medium text-ink">
        {unit.text}
      </bdi>
      {told.flatMap((one, i) =>
        one === undefined
          ? []
          : [
              <span key={one.label} className="mr-3 inline-block">
                {one.label}{" "}
                <b className={i === 0 ? "font-semibold text-ink" : "font-medium"}>
                  {formatAmount(one.scores?.[word] ?? null)}
                </b>
              </span>,
            ],
      )}
    </>
  );
}
