/** @file Attribution from the command line: texts, targets, pages, reports and experiments, with hostile words. */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { openStore } from "../packages/runner/src/store/index.ts";
import { probegrid, type Ran } from "./probegrid.ts";

const root = new URL("..", import.meta.url).pathname;
const model = join(root, "test/fixtures/models/bert-classification");
const bare = join(root, "test/fixtures/models/bert-masked-lm");
const folder = mkdtempSync(join(tmpdir(), "probegrid-attribution-"));
const store = join(folder, "t.db");
afterAll(() => rmSync(folder, { recursive: true }));

const run = async (...args: readonly string[]): Promise<Ran> =>
  await probegrid(...args, "--cache", join(folder, "cache"), "--device", "cpu");

/** A copy of the model whose logits overflow. */
async function copyWithOverflow(to: string): Promise<string> {
  cpSync(model, to, { recursive: true });
  const { tensors } = await openCheckpoint(to);
  const { file, offset, shape } = tensors.get("classifier.weight")!;
  const bytes = readFileSync(file);
  for (let i = 0; i < shape[0]! * shape[1]!; i++) bytes.writeFloatLE(3e38, offset + 4 * i);
  writeFileSync(file, bytes);
  return to;
}

describe("probegrid attribute", () => {
  it("prints a JSON array with one element per text, target and method", async () => {
    const { out } = await run(
      ...["attribute", "--model", model, "--method", "ig,lrp", "--target", "all", "--json"],
      "the a",
      "a",
    );
    const found = JSON.parse(out);
    expect(found.length).toBe(2 * 3 * 2);
    expect(Object.keys(found[0])).toEqual([
      ...["text", "method", "target", "tokens", "scores", "logit", "residual"],
    ]);
    expect(found.map((one: { target: string }) => one.target).slice(0, 6)).toEqual([
      ...["negative", "negative", "neutral", "neutral", "positive", "positive"],
    ]);
    for (const { tokens, scores } of found) expect(scores.length).toBe(tokens.length);
  });

  it("escapes hostile texts in its page", async () => {
    const page = join(folder, "page.html");
    const text = `<script>alert(1)</script> " onload='x' & <img src=x>`;
    const { code } = await run("attribute", "--model", model, "--html", page, text);
    const html = readFileSync(page, "utf8");
    expect(code).toBe(0);
    expect(html).not.toMatch(/<script|<img|onload='/);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("default-src 'none'");
  });

  it("marks a text without tokens and goes on", async () => {
    const { code, out } = await run(
      "attribute",
      "--model",
      model,
      "--json",
      "",
      "[CLS] [PAD]",
      "the",
    );
    const [empty, marks, fine] = JSON.parse(out);
    const problem = "the text has only special tokens, so there is nothing to attribute";
    expect([empty.error, marks.error]).toEqual([problem, problem]);
    expect(fine.scores.length).toBe(3);
    expect(code).toBe(1);
  });

  it("explains by every method without a mask token, and says what is missing for a word's logit", async () => {
    const causal = join(root, "test/fixtures/models/gpt2-classification");
    const all = await run("attribute", "--model", causal, "--method", "all", "--json", "the and");
    expect(JSON.parse(all.out).map(({ method }: { method: string }) => method)).toContain(
      "occlusion",
    );
    expect(all.code).toBe(0);
    const word = await run("attribute", "--model", model, "--target", "token:the", "a [MASK]");
    expect(word.err).toMatch(/has no language model head: /);
    expect(word.code).toBe(2);
  });

  it("explains units, norms and words of models without a classification head", async () => {
    for (const target of ["unit:1:3", "norm:-1"]) {
      const { out } = await run("attribute", "--model", bare, "--target", target, "--json", "the");
      expect(Number.isFinite(JSON.parse(out)[0].logit)).toBe(true);
    }
    const words = ["attribute", "--model", bare, "--target", "token:the", "--json"];
    const { code, out } = await run(...words, "a", "a [MASK]");
    const [without, found] = JSON.parse(out);
    expect(without.error).toBe("expected a text with a mask token, whose place the would take");
    expect(found.target).toBe("logit of the");
    expect(code).toBe(1);
  });

  it("cuts a text beyond the limit, and says so", async () => {
    const { code, out } = await run("attribute", "--model", model, "the ".repeat(500));
    expect(code).toBe(0);
    expect(out).toMatch(/target \w+, logit -?[\d.]+, \d+ tokens cut off/);
    const page = join(folder, "cut.html");
    const more = ["--method", "ig:maxSteps=1:steps=1,lat", "--json", "--html", page];
    const json = await run("attribute", "--model", model, ...more, "the of ".repeat(250));
    const [ig, lat] = JSON.parse(json.out);
    expect(ig.marks.join("; ")).toMatch(
      /^completeness gap of .* after 1 steps; \d+ tokens cut off$/,
    );
    expect(lat.marks).toEqual([ig.marks[1]]);
    const html = readFileSync(page, "utf8");
    for (const mark of ig.marks) expect(html.split(mark).length).toBe(2);
  });

  it("marks texts whose logits are no numbers", async () => {
    const broken = await copyWithOverflow(join(folder, "overflow"));
    const { code, out, err } = await run(
      ...["attribute", "--model", broken, "--method", "ig,lrp", "--json", "the and"],
    );
    const problem = "the model's output is not a finite number; check its weights";
    expect(JSON.parse(out).map(({ error }: { error: string }) => error)).toEqual([
      problem,
      problem,
    ]);
    expect([code, err]).toEqual([1, ""]);
  });

  it.each([
    [["--target", "positve"], /did you mean "positive"\?/],
    [["--method", "integrated-gradient"], /did you mean "integrated-gradients"\?/],
    [["--model", bare], /has no classification head; explain something else with --target unit/],
    [["--target", "true"], /--target true: expected texts with labels, from --data FILE/],
    [["--target", "unit:9:1"], /expected a layer from 0 to/],
  ])("says what is wrong with %j", async (options, problem) => {
    const given = options[0] === "--model" ? options : ["--model", model, ...options];
    const { code, err } = await run("attribute", ...given, "the");
    expect(err).toMatch(problem);
    expect(err.trim().split("\n").length).toBe(1);
    expect(code).toBe(2);
  });
});

const words = ["a", "and", "of"];
const data = join(folder, "rows.jsonl");
const lines = Array.from({ length: 12 }, (_, i) => {
  const label = ["negative", "neutral", "positive"][i % 3];
  return JSON.stringify({ text: `the ${words[i % 3]} the`, label });
});
writeFileSync(data, `${lines.join("\n")}\n`);

it("inspects a checkpoint that knows the classes, writes exactly R0's files, and keeps what it found", async () => {
  const out = join(folder, "report");
  const inspect = [
    ...["inspect", "--model", model, "--data", data, "--num_steps", "8", "--store", store],
    ...["--attention_layer_id", "0", "--internal_batch", "4", "--subword_tokens"],
    ...["--keywords", "2", "--workers", "1"],
  ];
  const { code, err } = await run(...inspect, "--out", out);
  expect(err).not.toMatch(/^probegrid:/m); // progress may be there
  expect(code).toBe(0);
  expect(readdirSync(out).sort()).toEqual(["clouds", "negative.json", "positive.json"]);
  const positive = JSON.parse(readFileSync(join(out, "positive.json"), "utf8"));
  expect(Object.keys(positive)).toEqual(["negative", "neutral", "positive"]);
  for (const words of Object.values<{ score: number }[]>(positive)) {
    expect(words.every(({ score }) => score > 0)).toBe(true);
  }
  for (const name of readdirSync(join(out, "clouds"))) {
    const files = readdirSync(join(out, "clouds", name)).sort();
    expect(files.filter((file) => file.endsWith(".png")).length).toBe(files.length / 2);
    const json = JSON.parse(readFileSync(join(out, "clouds", name, files[0]!), "utf8"));
    expect(json.class).toBe(name);
    for (const weight of Object.values<number>(json.words)) expect(weight).toBeGreaterThan(0);
  }
  using opened = openStore(store, { readonly: true });
  const kept = opened.sqlite.prepare("select count(*) as rows from attributions").get();
  expect(kept).toEqual({ rows: 12 });
  const contexts = opened.sqlite.prepare("select label, keyword, words from contexts").all() as {
    readonly [column in "label" | "keyword" | "words"]: string;
  }[];
  const clouds = readdirSync(join(out, "clouds"), { recursive: true, encoding: "utf8" });
  const drawn = contexts.filter(({ words }) => words !== "[]");
  expect(drawn.length).toBe(clouds.filter((name) => name.endsWith(".json")).length);
  for (const { label, keyword, words } of drawn) {
    const cloud = JSON.parse(readFileSync(join(out, "clouds", label, `${keyword}.json`), "utf8"));
    expect(Object.fromEntries(JSON.parse(words))).toEqual(cloud.words);
  }
});

it("runs an attribution experiment, marks what it can not explain, and computes nothing twice", async () => {
  const file = join(folder, "grid.json");
  const report = join(folder, "tables");
  const more = [
    { text: "the", label: "unheard" },
    { text: "", label: "neutral" },
  ];
  const rows = join(folder, "more.jsonl");
  writeFileSync(rows, `${[...lines, ...more.map((one) => JSON.stringify(one))].join("\n")}\n`);
  const experiment = {
    ...{ kind: "attribute", name: "tiny", datasets: [data, rows], models: model, report },
    methods: ["gradient", "lrp", "lat", { name: "information", steps: 2, samples: 2 }],
    ...{
      minTokens: 3,
      minCount: 1,
      checkedTexts: 1,
      infidelityDraws: 4,
      target: "true",
      attentionLayer: -1,
    },
  };
  writeFileSync(file, JSON.stringify(experiment));
  const command = ["run", file, "--store", store, "--executor", "inline"];
  expect((await run(...command)).code).toBe(0);
  const first = readFileSync(join(report, "report.json"), "utf8");
  const { out } = await run(...command);
  expect(out).toMatch(/10 trials over 26 texts, 10 done/);
  expect(readFileSync(join(report, "report.json"), "utf8")).toBe(first);
  const tables = JSON.parse(first);
  for (const { methods } of tables.deletion) {
    for (const { texts, points } of methods) {
      if (texts > 0) expect(points[0].mean).toBe(1);
    }
  }
  expect(tables.deletion[0].methods.map((one: { method: string }) => one.method)).toContain(
    "random",
  );
  using opened = openStore(store, { readonly: true });
  const failed = opened.sqlite
    .prepare("select distinct row, error from attributions where error is not null order by row")
    .all();
  expect(failed).toEqual([
    {
      row: 12,
      error: `the model does not know its label "unheard", only "negative", "neutral", "positive"`,
    },
    { row: 13, error: "the text has only special tokens, so there is nothing to attribute" },
  ]);
  const contexts = opened.sqlite
    .prepare(
      `select t.classifier as method, count(distinct c.label) as classes, max(c.layer) as layer
       from contexts c join trials t on t.key = c.trial where t.token = 'true'
       and json_extract(t.spec, '$.checkedTexts') = 1 group by t.key order by method`,
    )
    .all();
  const found = (method: string) => ({ method, classes: 3, layer: 1 });
  expect(contexts).toEqual(["gradient", "gradient", "lrp", "lrp"].map(found));
});

it("measures plausibility against trees, and what information divides by over a sample, into the store", async () => {
  const trees = join(folder, "trees.txt");
  // Two of the three sentences have a tree; in each the middle word has a sentiment.
  writeFileSync(trees, "(3 (2 the) (4 a) (2 the))\n(1 (2 the) (0 and) (2 the))\n");
  const experiment = {
    ...{ kind: "attribute", name: "judged", datasets: data, models: model, trees },
    ...{ target: "true", measures: false, report: join(folder, "judged") },
    methods: [
      "gradient-x-input",
      {
        ...{ name: "information", layers: [1], scale: 1, steps: 8, samples: 64 },
        regularization: { sample: 9 },
      },
    ],
  };
  const file = join(folder, "judged.json");
  writeFileSync(file, JSON.stringify(experiment));
  const { code, err } = await run("run", file, "--store", store, "--executor", "inline");
  expect([code, err.match(/^probegrid:.*/m)]).toEqual([0, null]);
  using opened = openStore(store, { readonly: true });
  const trialOf = opened.sqlite.prepare(`
    select t.key from trials t join experiment_trials m on m.trial = t.key
      join experiments e on e.key = m.experiment where e.name = 'judged' and t.classifier = ?`);
  const rowsOf = (method: string) =>
    opened.sqlite
      .prepare(
        "select row, scores, measures, target from attributions where trial = ? order by row",
      )
      .all((trialOf.get(method) as { key: number }).key) as {
      row: number;
      scores: Buffer;
      measures: string;
      target: string;
    }[];
  const plausible = rowsOf("gradient-x-input").map(({ row, scores, measures, target }) => {
    const own = new Float32Array(Uint8Array.from(scores).buffer).subarray(1, 4); // without [CLS] and [SEP]
    const sign = target === "positive" ? 1 : -1;
    const rank = [...own].filter((score) => Math.abs(score) >= Math.abs(own[1]!)).length;
    const right = Math.sign(sign * own[1]!) === (row % 3 === 0 ? 1 : -1);
    const wanted = { plausibility: 1 / rank, plausibilitySigns: Number(right) };
    return { known: row % 3 < 2, wanted, found: JSON.parse(measures) };
  });
  for (const { known, wanted, found } of plausible) {
    if (known) expect(found).toMatchObject(wanted);
    else expect(found.plausibility).toBe(undefined);
  }
  // σ = what a list of the same deviations gives: rows of one text have one σ whatever their class.
  const sigmas = rowsOf("information").map(({ scores }) => scores.toString("hex"));
  expect(sigmas[0]).toBe(sigmas[3]);
  expect(new Set(sigmas).size).toBe(3);
  const measured = opened.sqlite
    .prepare("select metric from summaries where trial = ? order by metric")
    .pluck()
    .all((trialOf.get("gradient-x-input") as { key: number }).key);
  expect(measured).toContain("plausibilityCorrelation");
});
