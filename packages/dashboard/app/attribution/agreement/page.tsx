/** @file Attribution, agreement: methods against methods, words across datasets. */

import type { SearchParams } from "nuqs/server";
import { AgreementPart } from "@/components/attribution/agreement-part";
import { Frame } from "@/components/attribution/frame";

export const metadata = { title: "Agreement · Attribution" };

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Frame part="agreement" title="Do methods agree?" search={searchParams}>
      {(found) => <AgreementPart {...found} />}
    </Frame>
  );
}
