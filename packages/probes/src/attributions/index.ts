/** @file The table of attribution methods: name to options and method. */

import { z } from "zod";
import { attentionRollout, attentionTracing } from "./attention-tracing.ts";
import { baselineKinds } from "./baselines.ts";
import { gradient, reductions } from "./gradient.ts";
import { gradientXInput } from "./gradient-x-input.ts";
import { information } from "./information.ts";
import { integratedGradients } from "./integrated-gradients.ts";
import { interpreterPresets, solvers } from "./interpret.ts";
import type { Loop } from "./loop.ts";
import { lrpWuOng } from "./lrp-wu-ong.ts";
import { occlusion } from "./occlusion.ts";
import { perturbations } from "./perturb.ts";
import { quadratures } from "./quadrature.ts";
import { random } from "./random.ts";
import { lrp } from "./relevance.ts";
import type { Walk } from "./walk.ts";

const count = z.number().int().positive();
const reduce = z.enum(reductions).default("sum");
const none = z.strictObject({});

/** A method's options with their defaults, and how it is made of them. */
type Row<Options> = {
  readonly options: z.ZodType<Options>;
  readonly make: (options: Options) => Walk | Loop;
  /** Whether scores are signed towards the explained output; the others only rank. */
  readonly signed: boolean;
  /** Whether scores depend on which output is explained. */
  readonly targeted: boolean;
};
const row = <Options>(fields: Row<Options>) => fields;

/** Every method. Adding one means one file and one row. */
export const methods = {
  gradient: row({
    options: z.strictObject({ reduce }),
    make: gradient,
    signed: true,
    targeted: true,
  }),
  "gradient-x-input": row({
    options: z.strictObject({ reduce }),
    make: gradientXInput,
    signed: true,
    targeted: true,
  }),
  "integrated-gradients": row({
    options: z.strictObject({
      steps: count.default(50),
      quadrature: z.enum(quadratures).default("gauss-legendre"),
      baseline: z.enum(baselineKinds).default("pad"),
      tolerance: z.number().positive().default(0.01),
      maxSteps: count.default(800),
      internalBatch: count.nullable().default(null),
    }),
    make: integratedGradients,
    signed: true,
    targeted: true,
  }),
  lrp: row({
    options: z.strictObject({
      rules: z.enum(["attention", "epsilon", "alpha-beta"]).default("attention"),
      epsilon: z.number().nonnegative().default(1e-6),
      alpha: z.number().min(1).default(1),
    }),
    make: lrp,
    signed: true,
    targeted: true,
  }),
  "lrp-wu-ong": row({ options: none, make: lrpWuOng, signed: false, targeted: true }),
  "attention-tracing": row({
    options: none,
    make: attentionTracing,
    signed: false,
    targeted: false,
  }),
  "attention-rollout": row({
    options: none,
    make: attentionRollout,
    signed: false,
    targeted: false,
  }),
  information: row({
    options: z.strictObject({
      layers: z.union([z.literal("all"), z.array(z.number().int()).min(1)]).default("all"),
      scale: z.union([z.literal("auto"), z.number().positive()]).default("auto"),
      rate: z.number().positive().default(0.1),
      solver: z.enum(solvers).default("fixed-point"),
      samples: count.default(24),
      steps: count.default(24),
      iterations: count.default(5000),
      learningRate: z.number().positive().default(0.01),
      seed: z.number().int().default(0),
      regularization: z
        .union([
          z.array(z.number()),
          z.array(z.array(z.number())),
          z.strictObject({ sample: count }),
        ])
        .nullable()
        .default(null),
    }),
    make: information,
    signed: false,
    targeted: false,
  }),
  occlusion: row({
    options: z.strictObject({ perturbation: z.enum([...perturbations, "auto"]).default("auto") }),
    make: occlusion,
    signed: true,
    targeted: true,
  }),
  random: row({
    options: z.strictObject({ seed: z.number().int().default(0) }),
    make: random,
    signed: true,
    targeted: false,
  }),
} as const;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as readonly MethodName[];

/** A method with its options filled in: plain data. */
export type MethodSpec = {
  readonly [K in MethodName]: { readonly name: K } & z.infer<(typeof methods)[K]["options"]>;
}[MethodName] & {
  /** What results call it, where its name would not tell it from another method beside it. */
  readonly label?: string;
};

/** Short names that people know methods by, and what they stand for. */
export const methodAliases: Readonly<Record<string, { readonly name: MethodName } & object>> = {
  saliency: { name: "gradient" },
  gs: { name: "gradient" },
  gi: { name: "gradient-x-input" },
  gxi: { name: "gradient-x-input" },
  "input-x-gradient": { name: "gradient-x-input" },
  ig: { name: "integrated-gradients" },
  attnlrp: { name: "lrp" },
  "lrp-attention": { name: "lrp" },
  "lrp-epsilon": { name: "lrp", rules: "epsilon" } as { name: MethodName },
  "lrp-alpha-beta": { name: "lrp", rules: "alpha-beta" } as { name: MethodName },
  "wu-ong": { name: "lrp-wu-ong" },
  lat: { name: "attention-tracing" },
  rollout: { name: "attention-rollout" },
  "leave-one-out": { name: "occlusion" },
  interpreter: { name: "information" },
  "r3-bert": preset("bert"),
  "r3-toy": preset("toy"),
};

/** R3's own numbers, by the method's solver. */
function preset(name: keyof typeof interpreterPresets): { readonly name: MethodName } {
  return { name: "information", ...interpreterPresets[name] };
}

/** Fills in a method's options; a name or alias alone takes every default. Throws a ZodError. */
export function methodSpec(
  given: { readonly name: string } & Readonly<Record<string, unknown>>,
): MethodSpec {
  const { name, ...options } = { ...given, ...methodAliases[given.name], ...withoutName(given) };
  if (!Object.hasOwn(methods, name)) {
    throw new Error(
      `unknown method ${JSON.stringify(given.name)}, expected one of ${methodNames.join(", ")}`,
    );
  }
  const parsed = methods[name as MethodName].options.parse(options);
  return { name, ...parsed } as MethodSpec;
}

const withoutName = ({ name: _, ...options }: Readonly<Record<string, unknown>>) => options;

/** As shown: its label, or the name, with the rules of LRP where they are not the default. */
export function methodLabel(spec: MethodSpec): string {
  if (spec.label !== undefined) return spec.label;
  return spec.name === "lrp" && spec.rules !== "attention" ? `lrp-${spec.rules}` : spec.name;
}

/** Makes the method. */
export function makeMethod({ name, label: _, ...options }: MethodSpec): Walk | Loop {
  return (methods[name].make as (options: unknown) => Walk | Loop)(options);
}
