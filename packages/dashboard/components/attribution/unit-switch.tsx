/** @file Words or the pieces they were cut into; numbers below them or not. */

"use client";

import { Button } from "../ui/button";
import { Segment } from "./pickers";
import { useAttributionView } from "./view";

/** Two choices in the title row of the sentences. */
export function UnitSwitch() {
  const { view, change } = useAttributionView();
  return (
    <>
      <UnitSegment />
      <Button
        size="small"
        kind={view.numbers ? "pressed" : "outline"}
        aria-pressed={view.numbers}
        onClick={() => change({ numbers: !view.numbers })}
      >
        Numbers
      </Button>
    </>
  );
}

/** Words, or the pieces they were cut into. */
export function UnitSegment() {
  return (
    <Segment
      name="merge"
      label="Units"
      options={[
        ["true", "Words"],
        ["false", "Pieces"],
      ]}
    />
  );
}
