/** @file Layers: probing and attribution on one axis, and the scores of one text by word and layer. */

import { Command } from "@/components/empty";
import { partPath } from "@/lib/attribution-view";
import { isRandom } from "@/lib/queries/attribution-groups";
import { fetchLayers, isNoise, layeredMethods } from "@/lib/queries/attribution-layers";
import { fetchList, pageOf } from "@/lib/queries/attribution-list";
import { fetchTexts, scoreOf, unitsOf } from "@/lib/queries/attribution-texts";
import { ChartCard } from "../chart-card";
import { largestOf } from "./colours";
import { Notice } from "./empty";
import { ExampleBar } from "./example-bar";
import type { Found } from "./frame";
import { MatrixFrame } from "./matrix-frame";
import { type Colouring, MatrixMap } from "./matrix-map";
import { Pickers } from "./pickers";
import { TextList } from "./text-list";
import { UnitSegment } from "./unit-switch";
import { UseCard } from "./use-card";

const path = partPath("layers");

/** The chart of both, then one text. */
export function LayersPart(found: Found) {
  const { store, group, view } = found;
  const layered = layeredMethods(store, group).filter((trial) => !isRandom(trial));
  const trial = layered.find(({ label }) => label === view.method) ?? layered[0];
  const page = pageOf(fetchList(store, group), view);
  return (
    <>
      <UseCard found={found} layered={layered} />
      {trial === undefined ? (
        <NoLayers />
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[19rem_minmax(0,1fr)]">
          <div className="min-w-0 max-lg:order-2">
            <TextList
              page={page}
              view={view}
              path={path}
              knows={{ truth: group.labels !== null, residual: true }}
            />
          </div>
          <div className="min-w-0 space-y-4">
            <ExampleBar page={page} view={view} path={path} />
            <TextLayers
              found={found}
              trial={trial}
              layered={layered}
              row={page.current?.row ?? -1}
            />
          </div>
        </div>
      )}
    </>
  );
}

function NoLayers() {
  return (
    <Notice title="No method here has scores by layer">
      <p>
        Attention tracing follows attention layer by layer, relevance propagation has the relevance
        of each word at every layer, and information measures the noise σ that each word bears
        there. Add them to the experiment and run it again; what is computed already stays:
      </p>
      <Command>{'methods: ["lrp", "attention-tracing", "information"]'}</Command>
    </Notice>
  );
}

type TextProps = {
  readonly found: Found;
  readonly trial: Found["methods"][number];
  readonly layered: Found["methods"];
  readonly row: number;
};

/** Words down, layers across. */
function TextLayers({ found: { store, group, view }, trial, layered, row }: TextProps) {
  const text = fetchTexts(store, group).get(row);
  const layers = fetchLayers(store, trial, row);
  const controls = (
    <>
      <Pickers
        choices={[
          {
            name: "method",
            label: "",
            value: trial.label,
            values: layered.map(({ label }) => label),
          },
        ]}
      />
      <UnitSegment />
    </>
  );
  if (text === undefined || layers.length === 0) {
    return (
      <Notice title="Scores by word and layer">
        <div className="flex flex-wrap items-center gap-3">{controls}</div>
        <p>This text was not explained by {trial.label}.</p>
      </Notice>
    );
  }
  const noise = isNoise(trial);
  const units = unitsOf(text, view.merge);
  const values = units.map((unit) =>
    layers.map(({ scores }) =>
      // σ of a word is the mean over its pieces: noise does not add up as shares do.
      noise ? scoreOf(unit, scores) / unit.tokens.length : scoreOf(unit, scores),
    ),
  );
  const all = values.flat();
  const ordinary = values.filter((_, i) => units[i]?.special === false);
  const colouring: Colouring = noise
    ? { kind: "even", low: Math.min(...all), high: Math.max(...all), reversed: true }
    : {
        kind: "signed",
        most: layers.map((_, l) => largestOf(ordinary.map((line) => line[l] ?? 0))),
      };
  const matrix = {
    rows: units.map((unit) => unit.text),
    columns: layers.map(({ layer }) => `layer ${layer}`),
    values,
  };
  const title = noise ? "Noise that words bear, by layer" : "Scores by word and layer";
  return (
    <ChartCard
      title={title}
      file={`layers-row-${row}`}
      controls={controls}
      table={{
        columns: ["place", "token", ...matrix.columns],
        rows: values.map((line, i) => [i + 1, matrix.rows[i] ?? "", ...line]),
      }}
      caption={captionOf(trial.label, noise)}
    >
      <MatrixFrame label={title} matrix={matrix} unit={noise ? "σ" : "score"}>
        <MatrixMap
          name={`${title}: ${units.length} words, ${layers.length} layers, ${trial.label}`}
          matrix={matrix}
          colouring={colouring}
          ends={noise ? ["matters", "bears noise"] : ["", ""]}
        />
      </MatrixFrame>
    </ChartCard>
  );
}

function captionOf(method: string, noise: boolean): string {
  if (noise) {
    return "σ: how much noise the embedding of a word bears before the hidden state of a layer changes. A small σ (bright) means that the layer still holds the word; layers that keep few words have few bright rows.";
  }
  if (method.startsWith("attention")) {
    return "Attention traced from the token that the classifier reads down to the inputs of each layer, heads summed: a column sums to the number of heads. Colours are shares of the largest score among the words of a layer.";
  }
  if (method.startsWith("lrp")) {
    return "Relevance that each word carries at the hidden state of each layer, orange for the explained output and blue against it. A column sums to the output less what biases (and AttnLRP's softmax) took above it; colours are shares of the largest score among the words of a layer.";
  }
  return "Scores at the hidden state of each layer; colours are shares of the largest score among the words of a layer.";
}
