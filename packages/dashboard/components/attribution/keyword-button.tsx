/** @file A word of a table that shows its context when it is clicked. */

"use client";

import { useAttributionView } from "./view";

/** Underlined; pressed while its context is on the page. */
export function KeywordButton({ word }: { word: string }) {
  const { view, change } = useAttributionView();
  return (
    <button
      type="button"
      className="max-w-full truncate underline decoration-dotted underline-offset-2 hover:text-accent"
      aria-pressed={view.around === word}
      title="Show the words around it"
      onClick={() => change({ around: word })}
    >
      <bdi>{word}</bdi>
    </button>
  );
}
