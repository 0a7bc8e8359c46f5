/** @file The words around a keyword of a class: the keyword is chosen here, in the clouds or in the table of words. */

import { cloudText } from "@/lib/cloud-layout";
import { counted, formatCount } from "@/lib/format";
import type { KeywordContext } from "@/lib/queries/attribution-contexts";
import { ChartCard } from "../chart-card";
import { Scroll } from "../ui/scroll";
import { formatAmount } from "./colours";
import { Pickers } from "./pickers";
import { RankedHead } from "./ranked-head";
import { TableCard } from "./table-card";
import { WordCloud } from "./word-cloud";

type Props = {
  readonly contexts: ReadonlyMap<string, KeywordContext>;
  readonly chosen: KeywordContext;
  /** The class. */
  readonly label: string;
};

/** One keyword's context as a cloud and as a table. */
export function ContextPart({ contexts, chosen, label }: Props) {
  const { keyword, layer, occurrences, words } = chosen;
  const title = `Around ${cloudText(keyword)}`;
  const table = {
    columns: ["rank", "word", "mean attention"],
    rows: words.map(({ word, weight }, i) => [i + 1, word, weight]),
  };
  return (
    <div className="grid gap-4 lg:grid-cols-2" data-context={keyword}>
      <ChartCard
        title={title}
        file="context-cloud"
        table={table}
        controls={
          <Pickers
            choices={[
              { name: "around", label: "keyword", value: keyword, values: [...contexts.keys()] },
            ]}
          />
        }
        caption={
          <>
            Words that <bdi>{keyword}</bdi> attends to in texts of <bdi>{label}</bdi>, by layer{" "}
            {layer} (from 0), heads averaged; area follows the attention. Underlined words of the
            clouds above are keywords, too.
          </>
        }
      >
        <WordCloud name={title} words={words} side="around" />
      </ChartCard>
      <TableCard
        title={`Words around ${cloudText(keyword)}`}
        file="context"
        table={table}
        caption={`Mean over ${counted(occurrences, "occurrence")} of the keyword; the ${counted(words.length, "word")} that got most were kept.`}
      >
        <Scroll
          label="Words around the keyword"
          className="max-h-80 overflow-auto rounded-lg border"
        >
          <table className="w-full text-[12.5px]">
            <RankedHead columns={table.columns} />
            <tbody>
              {words.map(({ word, weight }, i) => (
                <tr key={i} className="border-t">
                  <td className="numbers px-3 py-1 text-right text-soft">{formatCount(i + 1)}</td>
                  <th scope="row" className="max-w-52 truncate px-3 py-1 text-left font-medium">
                    <bdi>{word}</bdi>
                  </th>
                  <td className="numbers px-3 py-1 text-right">{formatAmount(weight)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </TableCard>
    </div>
  );
}
