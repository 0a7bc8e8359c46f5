/** @file Makes a matrix answer: reads a cell aloud on hover and with the arrow keys. */

"use client";

import { type KeyboardEvent, useState } from "react";
import { formatAmount } from "./colours";
import type { Matrix } from "./matrix-map";

type Props = {
  readonly label: string;
  readonly matrix: Matrix;
  /** What a number is: "τ", "σ", "score". */
  readonly unit: string;
  readonly children: React.ReactNode;
};

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** The scrolling frame around a matrix. */
export function MatrixFrame({ label, matrix, unit, children }: Props) {
  const { rows, columns, values } = matrix;
  const [at, setAt] = useState<readonly [number, number] | null>(null);
  const point = (target: EventTarget) => {
    const place = (target as Element).closest("[data-cell]")?.getAttribute("data-cell")?.split(" ");
    if (place !== undefined) setAt([Number(place[0]), Number(place[1])]);
  };
  const move = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [row, column] = at ?? [-step[0], -step[1]];
    setAt([
      Math.min(rows.length - 1, Math.max(0, row + step[0])),
      Math.min(columns.length - 1, Math.max(0, column + step[1])),
    ]);
  };
  return (
    <>
      <div
        role="group"
        tabIndex={0}
        aria-label={`${label}; arrow keys move over its cells`}
        className="overflow-x-auto"
        onPointerOver={(event) => point(event.target)}
        onKeyDown={move}
      >
        {children}
      </div>
      <p
        aria-live="polite"
        className="numbers mt-1 min-h-5 text-[12.5px] text-soft [overflow-wrap:anywhere]"
      >
        {at === null ? (
          "Point at a cell, or move with the arrow keys, to read it."
        ) : (
          <>
            <bdi className="font-medium text-ink">{rows[at[0]]}</bdi>, <bdi>{columns[at[1]]}</bdi>:{" "}
            {unit} <b className="font-medium text-ink">{told(values[at[0]]?.[at[1]])}</b>
          </>
        )}
      </p>
    </>
  );
}

const told = (value: number | null | undefined): string =>
  value == null ? "not known" : formatAmount(value);
