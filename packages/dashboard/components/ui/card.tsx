/** @file The surface everything stands on. */

import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** A bordered surface. */
export function Card({ className, ...rest }: ComponentProps<"section">) {
  return <section className={cn("rounded-xl border bg-card", className)} {...rest} />;
}

/** A heading with optional things at its right. */
export function CardTitle({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3">
      <h2 className="text-[15px] font-semibold tracking-tight">{title}</h2>
      <div className="ml-auto flex items-center gap-1">{children}</div>
    </header>
  );
}

/** A name and its value, in a description list. */
export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex justify-between gap-4 border-b border-dashed py-1.5 last:border-0">
      <dt className="shrink-0 text-soft">{name}</dt>
      <dd className="numbers min-w-0 break-words text-right">{children}</dd>
    </div>
  );
}
