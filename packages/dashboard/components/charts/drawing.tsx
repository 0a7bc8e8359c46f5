/** @file The frame of a chart that is drawn in pixels: what a reader is told, its size, the letters it begins with. */

import type { ReactNode } from "react";

type Props = {
  /** What a screen reader says. */
  readonly name: string;
  /** Pixels; the chart does not scale. */
  readonly width: number;
  readonly height: number;
  readonly fontSize?: string;
  readonly children: ReactNode;
};

/** Found by the exports, which save it as it is. */
export function Drawing({ name, width, height, fontSize = "11.5", children }: Props) {
  return (
    <svg
      data-chart
      role="img"
      aria-label={name}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      fontSize={fontSize}
      fill="var(--soft)"
      className="block"
    >
      {children}
    </svg>
  );
}
