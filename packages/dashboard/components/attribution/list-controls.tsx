/** @file Search, order and filter of the list of texts. */

"use client";

import { type TextSort, textFilters, textSorts } from "@/lib/attribution-view";
import { Button } from "../ui/button";
import { SearchField } from "./search-field";
import { useAttributionView } from "./view";

type Props = { readonly knows: { readonly truth: boolean; readonly residual: boolean } };

const sorts: { readonly [K in TextSort]: string } = {
  row: "row",
  correct: "correctness",
  logit: "logit",
  residual: "gap",
  length: "length",
};
const filters = {
  all: "all texts",
  right: "classified right",
  wrong: "classified wrong",
  marked: "marked",
  failed: "not explained",
} as const;

/** Everything stands in the URL; a change goes back to the first page. */
export function ListControls({ knows }: Props) {
  const { view, change } = useAttributionView();
  const rising = view.order === "asc";
  const possible = (name: string) =>
    (knows.truth || !["correct", "right", "wrong"].includes(name)) &&
    (knows.residual || name !== "residual");
  return (
    <div className="flex flex-wrap items-center gap-1.5 p-2">
      <SearchField name="find" label="Search texts" placeholder="Search texts" className="w-full" />
      <select
        aria-label="Which texts"
        className="field min-w-0 flex-1"
        value={view.only}
        onChange={(event) =>
          change({ only: event.target.value as typeof view.only, page: null, example: null })
        }
      >
        {textFilters.filter(possible).map((name) => (
          <option key={name} value={name}>
            {filters[name]}
          </option>
        ))}
      </select>
      <select
        aria-label="Order texts by"
        className="field min-w-0 flex-1"
        value={view.sort}
        onChange={(event) =>
          change({ sort: event.target.value as TextSort, page: null, example: null })
        }
      >
        {textSorts.filter(possible).map((name) => (
          <option key={name} value={name}>
            by {sorts[name]}
          </option>
        ))}
      </select>
      <Button
        aria-label={rising ? "Rising; make it falling" : "Falling; make it rising"}
        onClick={() => change({ order: rising ? "desc" : "asc", page: null, example: null })}
      >
        {rising ? "↑" : "↓"}
      </Button>
    </div>
  );
}
