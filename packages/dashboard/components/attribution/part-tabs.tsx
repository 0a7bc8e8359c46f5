/** @file Links between the attribution pages that keep what is shown. */

import Link from "next/link";
import {
  type AttributionPart,
  type AttributionView,
  attributionLink,
  attributionParts,
  partPath,
} from "@/lib/attribution-view";
import { cn } from "../ui/cn";

const labels: { readonly [K in AttributionPart]: string } = {
  sentences: "Sentences",
  words: "Words",
  faithfulness: "Faithfulness",
  agreement: "Agreement",
  layers: "Layers",
};

type Props = { readonly part: AttributionPart; readonly view: AttributionView };

/** One link per page, the current one marked. */
export function PartTabs({ part, view }: Props) {
  return (
    <nav aria-label="Parts of attribution" className="-mx-1 overflow-x-auto border-b">
      <ul className="flex gap-1 px-1">
        {attributionParts.map((one) => (
          <li key={one} className="shrink-0">
            <Link
              href={attributionLink(partPath(one), view)}
              prefetch={false}
              aria-current={one === part ? "page" : undefined}
              className={cn(
                "-mb-px block whitespace-nowrap border-b-2 border-transparent px-2.5 py-1.5 text-[13px] font-medium text-soft hover:text-ink",
                one === part && "border-accent text-ink",
              )}
            >
              {labels[one]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
