/** @file Which text is shown: its place in the list, its classes, and links to the texts around it. */

import Link from "next/link";
import { type AttributionView, attributionLink } from "@/lib/attribution-view";
import { formatCount } from "@/lib/format";
import type { TextPage } from "@/lib/queries/attribution-list";
import { buttonLook } from "../ui/button";

type Props = { readonly page: TextPage; readonly view: AttributionView; readonly path: string };

/** Previous, place, next; then what was explained and predicted. */
export function ExampleBar({ page, view, path }: Props) {
  const { current, place, fitting, before, after } = page;
  if (current === undefined) return null;
  const { row, target, predicted, truth, right } = current;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-[13px]">
      <nav aria-label="Texts around this one" className="flex items-center gap-1">
        <Step to={before} label="Previous text" sign="←" view={view} path={path} />
        <Step to={after} label="Next text" sign="→" view={view} path={path} />
      </nav>
      <span className="numbers text-soft" data-row={row}>
        row {row}
        {place >= 0 && `, ${formatCount(place + 1)} of ${formatCount(fitting)}`}
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        explained <bdi className="font-medium">{target}</bdi>, predicted{" "}
        <bdi className="font-medium">{predicted}</bdi>
        {truth !== null && (
          <>
            , labelled{" "}
            <bdi className={right ? "font-medium text-good" : "font-medium text-bad"}>{truth}</bdi>{" "}
            <span className={right ? "text-good" : "text-bad"}>
              {right ? "✓ right" : "✗ wrong"}
            </span>
          </>
        )}
      </span>
    </div>
  );
}

type StepProps = Pick<Props, "view" | "path"> & {
  readonly to: number | null;
  readonly label: string;
  readonly sign: string;
};

function Step({ to, label, sign, view, path }: StepProps) {
  const look = buttonLook({ kind: "outline", size: "small" });
  if (to === null) {
    return (
      <span aria-hidden className={`${look} opacity-40`}>
        {sign}
      </span>
    );
  }
  return (
    <Link
      href={attributionLink(path, { ...view, example: to })}
      scroll={false}
      prefetch={false}
      aria-label={label}
      className={look}
    >
      {sign}
    </Link>
  );
}
