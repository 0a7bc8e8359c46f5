/** @file Attribution, sentences: a text coloured by every method, side by side. */

import type { SearchParams } from "nuqs/server";
import { Frame } from "@/components/attribution/frame";
import { SentencesPart } from "@/components/attribution/sentences-part";

export const metadata = { title: "Attribution" };

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Frame part="sentences" title="Which words decide" search={searchParams}>
      {(found) => <SentencesPart {...found} />}
    </Frame>
  );
}
