/** @file How wide a chart's place is, so that its letters keep their size at every width. */

"use client";

import { type RefObject, useLayoutEffect, useState } from "react";

/** Width of an element in pixels, followed as it changes; `first` until it is known, as on the server. */
export function useWidth(place: RefObject<HTMLElement | null>, first: number): number {
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = () => setWidth(Math.max(240, Math.round(element.clientWidth)));
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [place]);
  return width;
}
