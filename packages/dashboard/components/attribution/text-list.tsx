/** @file The list of texts: a page of it, with links that open a text beside it. */

import Link from "next/link";
import { type AttributionView, attributionLink } from "@/lib/attribution-view";
import { formatCount } from "@/lib/format";
import type { ListedText, TextPage } from "@/lib/queries/attribution-list";
import { Card } from "../ui/card";
import { cn } from "../ui/cn";
import { formatAmount } from "./colours";
import { ExportAll } from "./export-all";
import { ListControls } from "./list-controls";

type Props = {
  readonly page: TextPage;
  readonly view: AttributionView;
  readonly path: string;
  /** What can be sorted and filtered by: truth and residuals are not always known. */
  readonly knows: { readonly truth: boolean; readonly residual: boolean };
};

/** Search, order and filter above; a page of texts; links to the pages around it. */
export function TextList({ page, view, path, knows }: Props) {
  const { shown, current, fitting, total } = page;
  return (
    <Card aria-label="Texts" className="min-w-0 overflow-hidden">
      <ListControls knows={knows} />
      <div className="flex items-center justify-between border-t py-0.5 pr-1 pl-3">
        <p className="numbers text-[12.5px] text-soft" data-fitting>
          {fitting === total
            ? `${formatCount(total)} texts`
            : `${formatCount(fitting)} of ${formatCount(total)} texts`}
        </p>
        <ExportAll />
      </div>
      {fitting === 0 ? (
        <p className="border-t px-3 py-6 text-center text-[13px] text-soft">
          No text fits. Change the words or the filter.
        </p>
      ) : (
        <ul className="divide-y border-t">
          {shown.map((text) => (
            <li key={text.row}>
              <Entry
                text={text}
                current={text === current}
                href={attributionLink(path, { ...view, example: text.row, page: page.page })}
              />
            </li>
          ))}
        </ul>
      )}
      <Around page={page} view={view} path={path} />
    </Card>
  );
}

type EntryProps = {
  readonly text: ListedText;
  readonly current: boolean;
  readonly href: string;
};

function Entry({ text, current, href }: EntryProps) {
  const { row, right, truth, predicted, logit, residual, error, marked } = text;
  return (
    <Link
      href={href}
      scroll={false}
      prefetch={false}
      aria-current={current ? "true" : undefined}
      className={cn("block px-3 py-2 hover:bg-sunk", current && "bg-tint hover:bg-tint")}
    >
      <span className="line-clamp-2 text-[13px] leading-snug [overflow-wrap:anywhere]" dir="auto">
        {text.text === "" ? "(only special tokens)" : text.text}
      </span>
      <span className="numbers mt-0.5 flex flex-wrap gap-x-2.5 text-[11.5px] text-soft">
        <span>row {row}</span>
        {right !== null && (
          <span className={right ? "text-good" : "text-bad"}>
            {right ? "✓ " : "✗ "}
            <bdi>{predicted.slice(0, 40)}</bdi>
            {!right && (
              <>
                , is <bdi>{(truth ?? "").slice(0, 40)}</bdi>
              </>
            )}
          </span>
        )}
        {logit !== null && <span>logit {formatAmount(logit)}</span>}
        {residual !== null && <span>gap {formatAmount(residual)}</span>}
        {error !== null && <span className="text-bad">not explained</span>}
        {marked && <span className="text-warn">marked</span>}
      </span>
    </Link>
  );
}

function Around({ page: { page, pages }, view, path }: Pick<Props, "page" | "view" | "path">) {
  if (pages < 2) return null;
  const to = (wanted: number) => attributionLink(path, { ...view, page: wanted, example: null });
  const look = "rounded-md px-2 py-1 text-[13px]";
  return (
    <nav
      aria-label="Pages of texts"
      className="numbers flex items-center justify-between border-t px-2 py-1.5"
    >
      {page > 1 ? (
        <Link href={to(page - 1)} scroll={false} prefetch={false} className={cn(look, "link")}>
          Previous page
        </Link>
      ) : (
        <span className={cn(look, "text-faint")}>Previous page</span>
      )}
      <span className="text-[12.5px] text-soft">
        {formatCount(page)} of {formatCount(pages)}
      </span>
      {page < pages ? (
        <Link href={to(page + 1)} scroll={false} prefetch={false} className={cn(look, "link")}>
          Next page
        </Link>
      ) : (
        <span className={cn(look, "text-faint")}>Next page</span>
      )}
    </nav>
  );
}
