/** @file Explains batches of texts: one forward graph, every walk over it, and the loops beside it. */

import { argMax } from "../array.ts";
import { planBatches } from "../batching.ts";
import { isNative, nativeHead } from "../finetune/heads.ts";
import {
  add,
  type CompileOptions,
  compile,
  fill,
  gradients,
  input,
  type Node,
  type Session,
  type Tensor,
} from "../graph/index.ts";
import type { Reads } from "../models/architecture.ts";
import type { Model } from "../models/index.ts";
import { widthOf } from "../nn/layers.ts";
import type { Attribution, Example, Target } from "./attribution.ts";
import { type ExplainedSpec, explained, type Objective } from "./explained.ts";
import { type Query, queryFeeds, tokenTensor } from "./feeds.ts";
import { type MethodSpec, makeMethod, methodLabel } from "./index.ts";
import type { Loop, LoopTools, OpenLoop } from "./loop.ts";
import { rowOf, type Walk } from "./walk.ts";

export type AttributorSpec = ExplainedSpec & {
  readonly methods: readonly MethodSpec[];
  readonly padId: number;
  readonly maskId: number | null;
  readonly session?: CompileOptions;
  /** Tokens of one run, padding included. */
  readonly tokenBudget?: number;
  /** Adds a fed tensor to the source: for measuring sensitivity. */
  readonly shifted?: boolean;
};

/** What is known about one text after all methods. */
export type Explanation = {
  /** Every output of the objective: logits, units. */
  readonly outputs: Float32Array;
  /** The output that was explained. */
  readonly output: number;
  readonly value: number;
  /** By the method's label. */
  readonly attributions: ReadonlyMap<string, Attribution>;
  /** Methods that gave no usable scores, and why. */
  readonly problems: ReadonlyMap<string, string>;
};

type Started = Explanation & { readonly attributions: Map<string, Attribution> };

/** A text that cannot be explained: the reason, in words. */
export type Refusal = { readonly error: string };

/** Attributes texts with a set of methods. Close it to free its memory. */
export class Attributor {
  /** Number of outputs that can be explained. */
  readonly outputs: number;
  /** What loops and measures of faithfulness work with. */
  readonly tools: LoopTools;
  readonly #session: Session;
  readonly #walks: ReadonlyMap<string, Walk>;
  readonly #loops: ReadonlyMap<string, Loop>;
  readonly #open = new Map<string, OpenLoop>();
  readonly #maxTokens: number;

  private constructor(spec: AttributorSpec, session: Session, outputs: number) {
    this.outputs = outputs;
    this.#session = session;
    this.#maxTokens = spec.model.geometry.maxTokens;
    this.tools = toolsOf(spec, outputs);
    const made = spec.methods.map((method) => [methodLabel(method), makeMethod(method)] as const);
    this.#walks = new Map(
      made.filter((entry): entry is [string, Walk] => entry[1].kind === "walk"),
    );
    this.#loops = new Map(
      made.filter((entry): entry is [string, Loop] => entry[1].kind === "loop"),
    );
  }

  static async create(spec: AttributorSpec): Promise<Attributor> {
    const { nodes, outputs } = walkGraph(spec);
    return new Attributor(spec, await compile(nodes, spec.session), outputs);
  }

  /** Explains texts; a text that cannot be explained gets the reason instead. */
  async explain(
    queries: readonly Query[],
    shift?: (batch: readonly Query[], width: number) => Tensor,
  ): Promise<readonly (Explanation | Refusal)[]> {
    const answers = new Map<number, Explanation | Refusal>();
    queries.forEach(({ example }, i) => {
      const error = refusal(example, this.#maxTokens);
      if (error !== null) answers.set(i, { error });
    });
    const open = queries.map((_, i) => i).filter((i) => !answers.has(i));
    const lengths = open.map((i) => queries[i]!.example.ids.length);
    for (const rows of this.tools.divide(lengths, null)) {
      const batch = Array.from(rows, (row) => open[row]!);
      const found = await this.#explainBatch(
        batch.map((i) => queries[i]!),
        shift,
      );
      batch.forEach((i, row) => {
        answers.set(i, found[row]!);
      });
    }
    return queries.map((_, i) => answers.get(i)!);
  }

  async #explainBatch(
    queries: readonly Query[],
    shift?: (batch: readonly Query[], width: number) => Tensor,
  ): Promise<readonly (Explanation | Refusal)[]> {
    const feeds = this.tools.feeds(queries);
    if (shift !== undefined) feeds.shift = shift(queries, this.tools.spec.model.geometry.width);
    const found = await this.#session.run(feeds);
    const started = queries.map(({ example, target }, row) =>
      this.#readWalks(found, { example, target, row }),
    );
    const fine = queries.map((_, i) => i).filter((i) => !("error" in started[i]!));
    for (const [label, loop] of this.#loops) {
      const opened = this.#open.get(label) ?? (await loop.open(this.tools));
      this.#open.set(label, opened);
      const resolved = fine.map((i): Query => {
        const { output } = started[i] as Explanation;
        return { example: queries[i]!.example, target: { ...queries[i]!.target, output } };
      });
      const values = fine.map((i) => (started[i] as Explanation).value);
      const attributions = await opened.attribute(resolved, values);
      fine.forEach((i, k) => {
        const { attributions: known } = started[i] as Started;
        known.set(label, attributions[k]!);
      });
    }
    return started.map((answer) => finite(answer));
  }

  #readWalks(
    found: Readonly<Record<string, Tensor>>,
    {
      example,
      target,
      row,
    }: { readonly example: Example; readonly target: Target; readonly row: number },
  ): Explanation | Refusal {
    const width = this.outputs;
    const all = found.outputs!.data as Float32Array;
    const outputs = all.slice(row * width, (row + 1) * width);
    if (outputs.some((x) => !Number.isFinite(x))) {
      return { error: "the model's output is not a finite number; check its weights" };
    }
    const output = target.output === "predicted" ? argMax(outputs) : target.output;
    const value = outputs[output]!;
    const attributions = new Map<string, Attribution>();
    for (const [label, walk] of this.#walks) {
      attributions.set(label, walk.read(rowOf(found, `${label}/`, { example, row, value })));
    }
    return { outputs, output, value, attributions, problems: new Map() };
  }

  async close(): Promise<void> {
    await this.#session.close();
    for (const opened of this.#open.values()) await opened.close();
    this.#open.clear();
  }
}

/** Outputs of every walk, over one forward graph and one gradient. */
export function walkGraph(
  spec: Pick<AttributorSpec, keyof ExplainedSpec | "methods" | "shifted">,
): { nodes: Record<string, Node>; outputs: number } {
  const { shifted = false } = spec;
  const graph = explained(spec, {
    ...(shifted && { move: (x: Node) => add(x, input("shift", x.shape)) }),
  });
  let made: Node | undefined;
  const gradient = () => {
    made ??= gradients(graph.value, [graph.source], { seed: fill(1, graph.value.shape) })[0]!;
    return made;
  };
  const nodes: Record<string, Node> = { outputs: graph.outputs };
  for (const method of spec.methods) {
    const walk = makeMethod(method);
    if (walk.kind !== "walk") continue;
    const built = walk.build({ explained: graph, gradient });
    for (const [name, node] of Object.entries(built))
      nodes[`${methodLabel(method)}/${name}`] = node;
  }
  return { nodes, outputs: widthOf(graph.outputs) };
}

/** On a CPU the activations of more tokens do not stay in its caches: 1024 cost 2 to 4 % more each than 512. */
const defaultBudget = { cpu: 512, webgpu: 8192, cuda: 8192, tfjs: 512 } as const;

function toolsOf(spec: AttributorSpec, outputs: number): LoopTools {
  const { model, padId, maskId, session = {} } = spec;
  const budget = spec.tokenBudget ?? defaultBudget[session.device ?? "cpu"];
  const { objective } = spec;
  const reads = readsOf(model, objective);
  return {
    spec,
    session,
    padId,
    maskId,
    outputs,
    feeds: (queries) => queryFeeds({ model, padId, outputs, reads }, queries),
    divide: (lengths, rows) =>
      rows === null
        ? planBatches(lengths, budget).map((batch) => batch.rows)
        : chunk(lengths.length, rows),
    ordinary: (queries, tokens) =>
      tokenTensor(
        queries.map(({ example }) => Array.from(example.specials, (special) => 1 - special)),
        tokens,
      ),
  };
}

/** Where attention is traced from: a maximum over tokens reads all of them, units and words have one token. */
function readsOf(model: Model, objective: Objective): Reads {
  const single = model.reads === "last" ? "last" : "first";
  if (objective.kind !== "class") return single;
  const { head = nativeHead } = objective;
  if (isNative(head)) return model.reads;
  return head.pooling === "mean" || head.pooling === "max" ? "mean" : "first";
}

function chunk(count: number, rows: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(count / rows) }, (_, i) =>
    Array.from({ length: Math.min(rows, count - i * rows) }, (_, j) => i * rows + j),
  );
}

/** Why a text cannot be explained, or null. */
function refusal({ ids, specials }: Example, maxTokens: number): string | null {
  if (Array.from(specials).every((special) => special === 1)) {
    return "the text has only special tokens, so there is nothing to attribute";
  }
  if (ids.length > maxTokens) {
    return `the text has ${ids.length} tokens, the model takes at most ${maxTokens}`;
  }
  return null;
}

/** An answer without the methods whose scores are no numbers: those are problems. */
function finite(answer: Explanation | Refusal): Explanation | Refusal {
  if ("error" in answer) return answer;
  const broken = [...answer.attributions].filter(([, { scores, layers }]) =>
    [scores, ...layers.map((layer) => layer.scores)].some((all) => !all.every(Number.isFinite)),
  );
  if (broken.length === 0) return answer;
  const why = "gave a score that is not a finite number";
  const problems = new Map(broken.map(([label]) => [label, `${label} ${why}`]));
  const attributions = new Map([...answer.attributions].filter(([label]) => !problems.has(label)));
  return { ...answer, attributions, problems };
}
