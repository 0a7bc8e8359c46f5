/** @file Methods that run a graph of their own many times: their interface and what they are given. */

import type { CompileOptions, Tensor } from "../graph/index.ts";
import type { Attribution } from "./attribution.ts";
import type { ExplainedSpec } from "./explained.ts";
import type { Query } from "./feeds.ts";

export interface Loop {
  readonly kind: "loop";
  /** Compiles what the method needs; opened once, when the method is first used. */
  readonly open: (tools: LoopTools) => Promise<OpenLoop>;
}

export type OpenLoop = {
  /** `values` are F(x) of the queries; targets are numbers. Any number of queries. */
  readonly attribute: (
    queries: readonly Query[],
    values: ArrayLike<number>,
  ) => Promise<readonly Attribution[]>;
  readonly close: () => Promise<void>;
};

export type LoopTools = {
  readonly spec: ExplainedSpec;
  readonly session: CompileOptions;
  readonly padId: number;
  readonly maskId: number | null;
  readonly outputs: number;
  readonly feeds: (queries: readonly Query[]) => Record<string, Tensor>;
  /** Rows of each batch, for rows of these lengths: so many rows, or as many as the token budget allows. */
  readonly divide: (
    lengths: readonly number[],
    rows: number | null,
  ) => readonly (readonly number[] | Uint32Array)[];
  /** 1 at tokens that are no special tokens. [batch, tokens] */
  readonly ordinary: (queries: readonly Query[], tokens: number) => Tensor;
};
