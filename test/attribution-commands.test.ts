/** @file Attribution from the command line: texts, targets, pages, reports and experiments, with hostile words. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const model = join(root, "test/fixtures/models/bert-classification");
const bare = join(root, "test/fixtures/models/bert-masked-lm");
const folder = mkdtempSync(join(tmpdir(), "attribution-"));

type Ran = { readonly code: number; readonly out: string; readonly err: string };
function probegrid(...args: readonly string[]): Ran {
  const command = join(root, "node_modules/.bin/probegrid");
  const cache = ["--cache", join(folder, "cache"), "--device", "cpu"];
  try {
    const out = execFileSync(command, [...args, ...cache], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
    return { code: 0, out, err: "" };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, out: stdout, err: stderr };
  }
}

describe("probegrid attribute", () => {
  it("prints a JSON array with one element per text, target and method", () => {
    const { out } = probegrid(
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

  it("escapes hostile texts in its page", () => {
    const page = join(folder, "page.html");
    const text = `<script>alert(1)</script> " onload='x' & <img src=x>`;
    const { code } = probegrid("attribute", "--model", model, "--html", page, text);
    const html = readFileSync(page, "utf8");
    expect(code).toBe(0);
    expect(html).not.toMatch(/<script|<img|onload='/);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("default-src 'none'");
  });

  it("marks a text without tokens and goes on", () => {
    const { code, out } = probegrid("attribute", "--model", model, "--json", "", "the");
    const [empty, fine] = JSON.parse(out);
    expect(empty.error).toBe("the text has only special tokens, so there is nothing to attribute");
    expect(fine.scores.length).toBe(3);
    expect(code).toBe(1);
  });

  it("explains units, norms and words of models without a classification head", () => {
    for (const target of ["unit:1:3", "norm:-1"]) {
      const { out } = probegrid("attribute", "--model", bare, "--target", target, "--json", "the");
      expect(Number.isFinite(JSON.parse(out)[0].logit)).toBe(true);
    }
    const words = ["attribute", "--model", bare, "--target", "token:the", "--json"];
    expect(JSON.parse(probegrid(...words, "a [MASK]").out)[0].target).toBe("logit of the");
    expect(probegrid(...words, "a").err).toMatch(/expected a text with a mask token/);
  });

  it.each([
    [["--target", "positve"], /did you mean "positive"\?/],
    [["--method", "integrated-gradient"], /did you mean "integrated-gradients"\?/],
    [["--model", bare], /has no classification head; explain something else with --target unit/],
    [["--target", "true"], /--target true: expected texts with labels, from --data FILE/],
    [["--target", "unit:9:1"], /expected a layer from 0 to/],
  ])("says what is wrong with %j", (options, problem) => {
    const given = options[0] === "--model" ? options : ["--model", model, ...options];
    const { code, err } = probegrid("attribute", ...given, "the");
    expect(err).toMatch(problem);
    expect(err.trim().split("\n").length).toBe(1);
    expect(code).toBe(2);
  });
});

const rows = Array.from({ length: 24 }, (_, i) => {
  const label = ["negative", "neutral", "positive"][i % 3];
  return JSON.stringify({ text: `the ${"a and of".split(" ")[i % 3]} the`, label });
});
const data = join(folder, "rows.jsonl");
writeFileSync(data, `${rows.join("\n")}\n`);

it("inspects a checkpoint that knows the classes and writes exactly R0's files", () => {
  const out = join(folder, "report");
  const { code, err } = probegrid(
    ...["inspect", "--model", model, "--data", data, "--out", out, "--num_steps", "8"],
    ...[
      "--attention_layer_id",
      "0",
      "--internal_batch",
      "4",
      "--subword_tokens",
      "--keywords",
      "2",
    ],
  );
  expect([code, err]).toEqual([0, ""]);
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
});

it("runs an attribution experiment, and computes nothing twice", () => {
  const file = join(folder, "grid.json");
  const report = join(folder, "tables");
  const experiment = {
    ...{ kind: "attribute", name: "tiny", datasets: data, models: model, report },
    methods: ["gradient", "lrp", "lat", { name: "information", steps: 2, samples: 2 }],
    ...{ minTokens: 3, minCount: 1, checkedTexts: 2, infidelityDraws: 4 },
  };
  writeFileSync(file, JSON.stringify(experiment));
  const run = ["run", file, "--store", join(folder, "t.db")];
  expect(probegrid(...run).code).toBe(0);
  const first = readFileSync(join(report, "report.json"), "utf8");
  const { out } = probegrid(...run);
  expect(out).toMatch(/5 trials over 24 texts, 5 done/);
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
});
