/** @file How words are counted: pieces or words, shares or raw scores, how often at least. */

"use client";

import { Segment } from "./pickers";
import { SearchField } from "./search-field";
import { UnitSegment } from "./unit-switch";
import { useAttributionView } from "./view";

/** Units and scale. */
export function WordSwitches() {
  return (
    <>
      <UnitSegment />
      <Segment
        name="scale"
        label="Scale"
        options={[
          ["share", "Share of text"],
          ["raw", "Raw score"],
        ]}
      />
    </>
  );
}

/** Occurrences a word needs. */
export function CountPicker({ least, usual }: { least: number; usual: number }) {
  const { change } = useAttributionView();
  const steps = [...new Set([1, 2, 3, 5, 6, 10, 20, 50, 100, usual, least])].sort((a, b) => a - b);
  return (
    <label className="flex items-center gap-1.5 text-[13px]">
      <span className="text-soft">at least</span>
      <select
        className="field"
        value={least}
        onChange={(event) => {
          const chosen = Number(event.target.value);
          change({ count: chosen === usual ? null : chosen });
        }}
      >
        {steps.map((count) => (
          <option key={count}>{count}</option>
        ))}
      </select>
      <span className="text-soft">times</span>
    </label>
  );
}

/** Finds words of the table. */
export function WordSearch() {
  return <SearchField name="word" label="Find words" placeholder="Find words" className="w-40" />;
}
