/** @file Which probing results stand beside the attributions. */

"use client";

import { useAttributionView } from "./view";

type Props = { readonly choices: readonly string[]; readonly chosen: string | null };

/** A select of probed datasets and models; nothing where there are none. */
export function ProbePicker({ choices, chosen }: Props) {
  const { change } = useAttributionView();
  if (choices.length === 0) return null;
  return (
    <label className="flex min-w-0 items-center gap-1.5 text-[12.5px] text-soft">
      <span>probed</span>
      <select
        className="field h-7 max-w-64 min-w-0"
        value={chosen ?? "none"}
        onChange={(event) => change({ probe: event.target.value })}
      >
        {choices.map((name) => (
          <option key={name}>{name}</option>
        ))}
        <option value="none">nothing</option>
      </select>
    </label>
  );
}
