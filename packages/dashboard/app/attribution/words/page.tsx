/** @file Attribution, words: which words speak for and against each class. */

import type { SearchParams } from "nuqs/server";
import { Frame } from "@/components/attribution/frame";
import { WordsPart } from "@/components/attribution/words-part";

export const metadata = { title: "Words · Attribution" };

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Frame part="words" title="Words that speak for and against" search={searchParams}>
      {(found) => <WordsPart {...found} />}
    </Frame>
  );
}
