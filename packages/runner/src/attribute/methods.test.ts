/** @file Methods as people write them: options behind colons, names told apart, complaints that help. */

import { methodLabel } from "@probegrid/probes";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";
import { loadDataset } from "../dataset.ts";
import { completeAttribute } from "./experiment.ts";
import { readMethods, readWritten } from "./methods.ts";
import { groupOf } from "./plan-attributions.ts";

const labelsOf = (text: string): readonly string[] => readMethods(text).map(methodLabel);

describe("methods on the command line", () => {
  it("takes options behind colons: words, numbers, lists", () => {
    expect(readWritten("ig:baseline=zero:steps=100")).toMatchObject({
      ...{
        name: "integrated-gradients",
        baseline: "zero",
        steps: 100,
        quadrature: "gauss-legendre",
      },
    });
    const [information, lrp] = readMethods("information:layers=[1,2],lrp:rules=epsilon");
    expect(information).toMatchObject({ name: "information", layers: [1, 2] });
    expect(lrp).toMatchObject({ name: "lrp", rules: "epsilon" });
    expect(readMethods('information:regularization={"sample":5}')).toMatchObject([
      { regularization: { sample: 5 } },
    ]);
  });

  it("tells methods of one name apart by their options, and only those", () => {
    expect(labelsOf("ig,ig:baseline=zero,lat,gradient:reduce=norm")).toEqual([
      ...["integrated-gradients", "integrated-gradients baseline=zero"],
      ...["attention-tracing", "gradient"],
    ]);
  });

  it("asks for a name once", () => {
    expect(labelsOf("ig,ig")).toEqual(["integrated-gradients"]);
    expect(() => readMethods("ig:steps=5,ig:steps=5.0")).toThrow(
      "--method: integrated-gradients steps=5 is given twice",
    );
  });

  it.each([
    ["ig:baselin=zero", 'unknown option "baselin", did you mean "baseline"?'],
    ["ig:baseline=zebra", /baseline: .*"pad".*"zero"/],
    ["ig:steps=", /steps: .*expected number/],
    ["rollout:heads=2", "method rollout: it has no options"],
    ["ig:steps", 'unknown method "ig:steps", did you mean "ig"?'],
  ])("says what is wrong with %s", (text, problem) => {
    expect(() => readMethods(text)).toThrow(problem);
  });
});

it("counts a method as the same trial whatever stands beside it in an experiment", async () => {
  const root = new URL("../../../../", import.meta.url).pathname;
  const checkpoint = await openCheckpoint(`${root}test/fixtures/models/bert-classification`);
  const dataset = await loadDataset(`${root}data/demo/polarity.jsonl`);
  const trialsOf = (methods: readonly unknown[], more = {}) => {
    const experiment = {
      kind: "attribute",
      name: "m",
      datasets: "d",
      models: "m",
      methods,
      ...more,
    };
    const complete = completeAttribute(experiment, { source: null, folder: "." });
    return groupOf(complete, dataset, checkpoint).trials;
  };
  const zero = { name: "ig", baseline: "zero" };
  const [alone] = trialsOf([zero]);
  const both = trialsOf(["ig", zero]);
  expect(both.map(({ label }) => label)).toEqual([
    ...["integrated-gradients", "integrated-gradients baseline=zero", "random"],
  ]);
  expect(both[1]!.planned).toEqual(alone!.planned);
  expect(alone!.planned).toMatchObject({
    ...{ classifier: "integrated-gradients", options: "baseline=zero" },
  });
  expect(() => trialsOf(["ig", "ig"])).toThrow("methods: integrated-gradients is given twice");
  expect(() => trialsOf(["ig"], { attentionLayer: 2 })).toThrow(
    "attentionLayer: expected a layer from -2 to 1, got 2",
  );
});
