/** @file The controls of Compare: what is looked at, how it is grouped. Every change redraws at once. */

"use client";

import { type Axis, axes, axisLabels, type FilterAxis, filterAxes } from "@/lib/axes";
import { counted, formatCount, metricLabel } from "@/lib/format";
import type { Choice, Choices } from "@/lib/queries/choices";
import { Button } from "./ui/button";
import { cn } from "./ui/cn";
import { useView } from "./view-context";

/** All controls; folded away on narrow screens. */
export function Sidebar({ choices, metric }: { choices: Choices; metric: string }) {
  const { view, change } = useView();
  const active = filterAxes.filter((axis) => view[axis].length > 0).length;
  const toggle = (axis: Axis) => {
    const others = view.collapse.filter((other) => other !== axis);
    if (others.length < view.collapse.length) return change({ collapse: others });
    // Options belong to a classifier: averaged over classifiers they mean nothing by themselves.
    const withIt: readonly Axis[] = axis === "classifier" ? ["classifier", "options"] : [axis];
    return change({ collapse: [...new Set([...others, ...withIt])] });
  };
  return (
    <details
      open
      className="group/side max-lg:rounded-xl max-lg:border max-lg:bg-card"
      ref={foldWhenNarrow}
    >
      <summary className="list-none px-4 py-2.5 font-medium lg:hidden">
        Filters and grouping
        <span className="ml-2 text-[12.5px] text-soft">
          {active === 0 ? "none set" : `${active} set`}
        </span>
      </summary>
      <form
        aria-label="Filters and grouping"
        className="space-y-5 max-lg:border-t max-lg:p-4"
        onSubmit={(event) => event.preventDefault()}
      >
        <label className="block">
          <span className="mb-1 block font-medium">Metric</span>
          <select
            className="field w-full"
            value={metric}
            onChange={(event) => change({ metric: event.target.value })}
          >
            {choices.metrics.map((name) => (
              <option key={name} value={name}>
                {metricLabel(name)}
              </option>
            ))}
          </select>
        </label>
        <CheckList
          label="Experiments"
          choices={choices.experiments}
          chosen={view.experiment}
          onChange={(experiment) => change({ experiment })}
        />
        {filterAxes
          .filter((axis) => choices.values[axis].length > 1 || view[axis].length > 0)
          .map((axis) => (
            <CheckList
              key={axis}
              label={plurals[axis]}
              choices={choices.values[axis]}
              chosen={view[axis]}
              onChange={(values) => change({ [axis]: values })}
            />
          ))}
        <fieldset>
          <legend className="mb-1 font-medium">Collapse by</legend>
          <p className="mb-1.5 text-[12px] leading-snug text-faint">
            Scores are averaged over what is ticked.
          </p>
          <div className="flex flex-wrap gap-1.5">
            {axes
              .filter((axis) => axis !== "layer")
              .map((axis) => (
                <Button
                  key={axis}
                  size="small"
                  kind={view.collapse.includes(axis) ? "pressed" : "outline"}
                  aria-pressed={view.collapse.includes(axis)}
                  onClick={() => toggle(axis)}
                >
                  {axisLabels[axis]}
                </Button>
              ))}
          </div>
        </fieldset>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={view.folds}
            onChange={(event) => change({ folds: event.target.checked })}
          />
          Show folds
        </label>
        <label className="block">
          <span className="mb-1 block font-medium">Band</span>
          <select
            className="field w-full"
            value={view.band}
            onChange={(event) => change({ band: event.target.value as typeof view.band })}
          >
            <option value="folds">95 % over folds</option>
            <option value="items">95 % over items</option>
          </select>
        </label>
        <Button className="w-full" onClick={() => change(cleared)}>
          Reset everything
        </Button>
      </form>
    </details>
  );
}

const plurals: { readonly [K in FilterAxis]: string } = {
  dataset: "Datasets",
  model: "Models",
  token: "Token poolings",
  layerMethod: "Layer methods",
  classifier: "Classifiers",
  options: "Options",
};

const cleared = {
  experiment: null,
  dataset: null,
  model: null,
  token: null,
  layerMethod: null,
  classifier: null,
  options: null,
  metric: null,
  folds: null,
  band: null,
  collapse: null,
  select: null,
  find: null,
  state: null,
} as const;

type ListProps = {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (values: string[]) => void;
};

/** Check boxes; none ticked means all. */
function CheckList({ label, choices, chosen, onChange }: ListProps) {
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 flex w-full items-baseline justify-between font-medium">
        {label}
        {chosen.length > 0 && (
          <button
            type="button"
            className="link text-[12px] font-normal"
            onClick={() => onChange([])}
          >
            all<span className="sr-only"> {label.toLowerCase()}</span>
          </button>
        )}
      </legend>
      <div className="-mx-1 max-h-52 overflow-y-auto px-1">
        {choices.map(({ value, trials }) => (
          <label
            key={value}
            title={`${value}: ${counted(trials, "trial")}`}
            className={cn(
              "flex items-center gap-2 rounded py-[3px] text-[13px]",
              chosen.length > 0 && !chosen.includes(value) && "text-soft",
            )}
          >
            <input
              type="checkbox"
              className="size-4 shrink-0 accent-accent"
              checked={chosen.includes(value)}
              onChange={() => toggle(value)}
            />
            <span className="min-w-0 flex-1 truncate">{value}</span>
            <span className="numbers text-[11.5px] text-faint">{formatCount(trials)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** On a narrow screen the controls start folded, so that the answer comes first. */
function foldWhenNarrow(details: HTMLDetailsElement | null): void {
  if (details !== null && !matchMedia("(min-width: 64rem)").matches) details.open = false;
}
