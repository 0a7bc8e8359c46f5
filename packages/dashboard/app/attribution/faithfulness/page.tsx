/** @file Attribution, faithfulness: what falls when the highest words are taken out. */

import type { SearchParams } from "nuqs/server";
import { FaithfulnessPart } from "@/components/attribution/faithfulness-part";
import { Frame } from "@/components/attribution/frame";

export const metadata = { title: "Faithfulness · Attribution" };

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Frame part="faithfulness" title="Do the scores say what the model does?" search={searchParams}>
      {(found) => <FaithfulnessPart {...found} />}
    </Frame>
  );
}
