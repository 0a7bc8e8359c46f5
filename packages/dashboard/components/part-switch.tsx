/** @file Which parts of Compare are shown. */

"use client";

import { type Part, parts } from "@/lib/view";
import { Button } from "./ui/button";
import { useView } from "./view-context";

const labels: { readonly [K in Part]: string } = {
  curve: "Layer curve",
  heat: "Heat map",
  multiples: "Small multiples",
  parallel: "Parallel coordinates",
  size: "Model size",
  trials: "Trials",
};

/** A row of switches. */
export function PartSwitch() {
  const { view, change, pending } = useView();
  const toggle = (part: Part) =>
    change({ show: parts.filter((one) => (one === part) !== view.show.includes(one)) });
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <fieldset className="contents">
        <legend className="sr-only">Parts of the page</legend>
        {parts.map((part) => (
          <Button
            key={part}
            size="small"
            kind={view.show.includes(part) ? "pressed" : "outline"}
            aria-pressed={view.show.includes(part)}
            onClick={() => toggle(part)}
          >
            {labels[part]}
          </Button>
        ))}
      </fieldset>
      <span role="status" className="ml-1 text-[12.5px] text-faint">
        {pending ? "drawing…" : ""}
      </span>
    </div>
  );
}
