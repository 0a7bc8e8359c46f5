/** @file Saves every token score of all texts, of the methods that are shown. */

"use client";

import { attributionLink } from "@/lib/attribution-view";
import { Menu, MenuItem } from "../ui/menu";
import { useAttributionView } from "./view";

const formats = { csv: "CSV, a token a line", jsonl: "JSON, a text a line" } as const;

/** A menu of two formats; the server streams them. */
export function ExportAll() {
  const { view } = useAttributionView();
  const { dataset, model, target, setting, methods } = view;
  return (
    <Menu label="Export all" name="Export the scores of all texts">
      {(["csv", "jsonl"] as const).map((format) => (
        <MenuItem
          key={format}
          onSelect={() =>
            location.assign(
              attributionLink(`/attribution/export/${format}`, {
                ...{ dataset, model, target, setting, methods },
              }),
            )
          }
        >
          {formats[format]}
        </MenuItem>
      ))}
    </Menu>
  );
}
