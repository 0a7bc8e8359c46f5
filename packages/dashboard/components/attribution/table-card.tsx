/** @file A card whose content is a table already: title, controls, exports. */

"use client";

import { useId } from "react";
import type { Tabular } from "@/lib/tabular";
import { TableExports } from "../table-exports";
import { Card } from "../ui/card";
import { Menu } from "../ui/menu";

type Props = {
  readonly title: string;
  /** Name of exported files, without ending. */
  readonly file: string;
  readonly table: Tabular;
  readonly controls?: React.ReactNode;
  readonly caption?: React.ReactNode;
  readonly children: React.ReactNode;
};

/** Title and menu above, the table, caption below. */
export function TableCard({ title, file, table, controls, caption, children }: Props) {
  const id = useId();
  return (
    <Card aria-labelledby={id} className="min-w-0">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3">
        <h2 id={id} className="text-[15px] font-semibold tracking-tight">
          {title}
        </h2>
        {controls}
        <div className="ml-auto">
          <Menu label="Export" name={`Export ${title}`}>
            <TableExports file={file} table={table} />
          </Menu>
        </div>
      </header>
      <div className="px-4 pb-3 pt-2">
        {children}
        {caption && <div className="mt-2 text-[12.5px] leading-snug text-soft">{caption}</div>}
      </div>
    </Card>
  );
}
