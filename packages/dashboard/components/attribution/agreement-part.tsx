/** @file Agreement: of methods on the same texts, and of words across datasets or models. */

import { counted, formatCount } from "@/lib/format";
import { comparedTexts, fetchAgreement } from "@/lib/queries/attribution-agreement";
import { fetchTexts } from "@/lib/queries/attribution-texts";
import { ChartCard } from "../chart-card";
import { Notice } from "./empty";
import type { Found } from "./frame";
import { MatrixFrame } from "./matrix-frame";
import { MatrixMap } from "./matrix-map";
import { PairPart } from "./pair-part";
import { Segment } from "./pickers";

const measures = {
  tau: {
    unit: "τ",
    told: "Mean Kendall's τ-b of the token scores of a text: 1 is the same order, 0 chance, −1 the reverse.",
  },
  spearman: {
    unit: "ρ",
    told: "Mean Spearman's ρ of the token scores of a text: 1 is the same order, 0 chance, −1 the reverse.",
  },
  top5: {
    unit: "overlap",
    told: "Mean share of the five highest tokens of a text that two methods have in common.",
  },
} as const;

/** Methods against methods above, words across datasets below. */
export function AgreementPart(found: Found) {
  return (
    <>
      <MethodsCard {...found} />
      <PairPart {...found} />
    </>
  );
}

function MethodsCard({ store, view, group, methods }: Found) {
  if (methods.length < 2) {
    return (
      <Notice title="Agreement of methods">
        <p>One method has nothing to agree with. Show another one above.</p>
      </Notice>
    );
  }
  const { unit, told } = measures[view.agree];
  const pairs = fetchAgreement(store, { group, methods }, view.agree);
  const names = methods.map(({ label }) => label);
  const matrix = {
    rows: names,
    columns: names,
    values: names.map((a) =>
      names.map((b) =>
        a === b
          ? 1
          : (pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))
              ?.value ?? null),
      ),
    ),
  };
  const texts = fetchTexts(store, group).size;
  return (
    <ChartCard
      title="Agreement of methods"
      file={`agreement-${view.agree}`}
      controls={
        <Segment
          name="agree"
          label="Measure"
          options={[
            ["tau", "Kendall's τ"],
            ["spearman", "Spearman's ρ"],
            ["top5", "Top 5"],
          ]}
        />
      }
      table={{
        columns: ["method", "other method", unit, "texts"],
        rows: pairs.map(({ a, b, value, texts: compared }) => [a, b, value, compared]),
      }}
      caption={`${told} Special tokens do not count. ${
        texts > comparedTexts
          ? `${formatCount(comparedTexts)} of ${counted(texts, "text")} or fewer, evenly chosen.`
          : `All ${counted(texts, "text")}.`
      }`}
    >
      <MatrixFrame label="Agreement of methods" matrix={matrix} unit={unit}>
        <MatrixMap
          name={`Agreement of ${names.length} methods`}
          matrix={matrix}
          colouring={{ kind: "signed", most: names.map(() => 1) }}
          cellWidth={72}
        />
      </MatrixFrame>
    </ChartCard>
  );
}
