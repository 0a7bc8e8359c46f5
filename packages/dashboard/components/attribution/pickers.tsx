/** @file The controls above the attribution pages: what was explained, and which methods are shown. */

"use client";

import type { AttributionView } from "@/lib/attribution-view";
import { Button } from "../ui/button";
import { useAttributionView } from "./view";

/** A choice of the view with its possible values. */
export type Choice = {
  readonly name: "dataset" | "model" | "target" | "setting" | "method" | "label" | "around";
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
};

/** What belongs to the text or words of one group, and is dropped when another is chosen. */
const forgotten = {
  ...{ example: null, page: null, find: null, label: null, word: null, around: null },
} as const;
const outer = new Set(["dataset", "model", "target", "setting"]);

/** A select per choice; a choice without alternatives is told in words. */
export function Pickers({ choices }: { choices: readonly Choice[] }) {
  const { change } = useAttributionView();
  return choices.map(({ name, label, value, values }) =>
    values.length < 2 ? (
      <span key={name} className="flex min-w-0 items-center gap-1.5 text-[13px]">
        <span className="text-soft">{label}</span>
        <b className="max-w-60 truncate font-medium">{value}</b>
      </span>
    ) : (
      <label key={name} className="flex min-w-0 items-center gap-1.5 text-[13px]">
        <span className={label === "" ? "sr-only" : "text-soft"}>{label || name}</span>
        <select
          className="field max-w-60 min-w-0"
          value={value}
          onChange={(event) =>
            change({ ...(outer.has(name) ? forgotten : {}), [name]: event.target.value })
          }
        >
          {values.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    ),
  );
}

/** Buttons that show and hide methods; all are shown while none is chosen. */
export function MethodSwitch({ methods }: { methods: readonly string[] }) {
  const { view, change, pending } = useAttributionView();
  const shown = methods.filter((one) => view.methods.length === 0 || view.methods.includes(one));
  const toggle = (method: string) => {
    const next = shown.includes(method)
      ? shown.filter((one) => one !== method)
      : methods.filter((one) => one === method || shown.includes(one));
    change({ methods: next.length === methods.length || next.length === 0 ? null : next });
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <fieldset className="contents">
        <legend className="sr-only">Methods</legend>
        {methods.map((method) => (
          <Button
            key={method}
            size="small"
            className="max-w-72 overflow-hidden text-ellipsis"
            kind={shown.includes(method) ? "pressed" : "outline"}
            aria-pressed={shown.includes(method)}
            onClick={() => toggle(method)}
          >
            {method}
          </Button>
        ))}
      </fieldset>
      <span role="status" className="ml-1 text-[12.5px] text-faint">
        {pending ? "drawing…" : ""}
      </span>
    </div>
  );
}

type SegmentProps<K extends keyof AttributionView> = {
  readonly name: K;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
};

/** A few exclusive values of the view as buttons in a row. */
export function Segment<K extends "merge" | "scale" | "curve" | "agree" | "across" | "use">({
  name,
  label,
  options,
}: SegmentProps<K>) {
  const { view, change } = useAttributionView();
  return (
    <fieldset className="flex items-center rounded-md border border-edge">
      <legend className="sr-only">{label}</legend>
      {options.map(([value, told]) => (
        <Button
          key={value}
          size="small"
          kind={String(view[name]) === value ? "pressed" : "plain"}
          aria-pressed={String(view[name]) === value}
          onClick={() => change({ [name]: name === "merge" ? value === "true" : value })}
        >
          {told}
        </Button>
      ))}
    </fieldset>
  );
}
