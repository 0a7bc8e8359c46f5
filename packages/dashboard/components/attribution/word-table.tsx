/** @file The words of a class as a table: rank, mean with interval, count, and what other methods say. */

import { counted, formatCount } from "@/lib/format";
import type { RankedWord, WordMean } from "@/lib/queries/attribution-words";
import { Scroll } from "../ui/scroll";
import { formatAmount } from "./colours";
import { KeywordButton } from "./keyword-button";
import { RankedHead } from "./ranked-head";
import { TableCard } from "./table-card";
import { WordSearch } from "./word-switches";

type Props = {
  readonly words: readonly RankedWord[];
  /** The method that ranks. */
  readonly method: string;
  /** The others, beside it. */
  readonly methods: readonly string[];
  readonly find: string;
  readonly caption: string;
  /** Words whose contexts are known. */
  readonly keywords: readonly string[];
};

/** Words in the page at once; the exports hold up to `exported`. */
const shownAtOnce = 60;
const exported = 2000;

/** Both ends of the ranking; a search looks through all of it. */
export function WordTable({ words, method, methods, find, caption, keywords }: Props) {
  const fitting = words.filter(({ word }) => word.toLowerCase().includes(find.toLowerCase()));
  const shown = ends(fitting, shownAtOnce);
  const saved = ends(fitting, exported);
  const cells = ({ rank, word, means }: RankedWord) => {
    const { mean = null, low = null, high = null, count = null } = means.get(method) ?? {};
    const others = methods.map((other) => means.get(other)?.mean ?? null);
    return [rank, word, mean, low, high, count, ...others];
  };
  return (
    <TableCard
      title="Words"
      file="words"
      controls={<WordSearch />}
      table={{
        columns: ["rank", "word", method, "low", "high", "occurrences", ...methods],
        rows: saved.map(cells),
      }}
      caption={
        <>
          {caption}{" "}
          {shown.length < fitting.length &&
            `Both ends of ${counted(fitting.length, "word")} are shown${
              saved.length < fitting.length
                ? `, of which exports hold ${formatCount(exported)}`
                : "; exports hold all"
            }.`}
        </>
      }
    >
      <Scroll label="Words of the class" className="max-h-[36rem] overflow-auto rounded-lg border">
        <table className="w-full text-[12.5px]">
          <RankedHead
            columns={["rank", "word", method, "95 % interval", "occurrences", ...methods]}
          />
          <tbody>
            {shown.map((word) => (
              <Row
                key={word.word}
                word={word}
                method={method}
                methods={methods}
                isKeyword={keywords.includes(word.word)}
              />
            ))}
          </tbody>
        </table>
        {fitting.length === 0 && (
          <p className="px-3 py-5 text-center text-[13px] text-soft">No word fits the search.</p>
        )}
      </Scroll>
    </TableCard>
  );
}

type RowProps = Pick<Props, "method" | "methods"> & {
  readonly word: RankedWord;
  readonly isKeyword: boolean;
};

function Row({ word: { rank, word, means }, method, methods, isKeyword }: RowProps) {
  const own = means.get(method);
  return (
    <tr className="border-t">
      <td className="numbers px-3 py-1 text-right text-soft">{formatCount(rank)}</td>
      <th scope="row" className="max-w-52 truncate px-3 py-1 text-left font-medium">
        {isKeyword ? <KeywordButton word={word} /> : <bdi>{word}</bdi>}
      </th>
      <Amount mean={own} strong />
      <td className="numbers whitespace-nowrap px-3 py-1 text-right text-soft">
        {own?.low == null ? "–" : `${formatAmount(own.low)} to ${formatAmount(own.high)}`}
      </td>
      <td className="numbers px-3 py-1 text-right">{formatCount(own?.count)}</td>
      {methods.map((other) => (
        <Amount key={other} mean={means.get(other)} />
      ))}
    </tr>
  );
}

function Amount({ mean, strong }: { mean: WordMean | undefined; strong?: boolean }) {
  const sign = (mean?.mean ?? 0) < 0 ? "text-[var(--line-1)]" : "";
  return (
    <td className={`numbers px-3 py-1 text-right ${strong ? "font-medium" : ""} ${sign}`}>
      {formatAmount(mean?.mean ?? null)}
    </td>
  );
}

/** The first and the last of a ranking, all of it where it is short. */
function ends<T>(all: readonly T[], most: number): readonly T[] {
  return all.length <= most ? all : [...all.slice(0, most / 2), ...all.slice(-most / 2)];
}
