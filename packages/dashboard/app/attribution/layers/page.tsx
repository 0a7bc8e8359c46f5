/** @file Attribution, layers: scores by layer beside probing results. */

import type { SearchParams } from "nuqs/server";
import { Frame } from "@/components/attribution/frame";
import { LayersPart } from "@/components/attribution/layers-part";

export const metadata = { title: "Layers · Attribution" };

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Frame
      part="layers"
      title="Where the model keeps it, where it reads"
      search={searchParams}
      switchable={false}
    >
      {(found) => <LayersPart {...found} />}
    </Frame>
  );
}
