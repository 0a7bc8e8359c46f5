/** @file Numbers of a config keep their kind. */

import { expect, it } from "vitest";
import { configText } from "./config-text.ts";

it("writes fractions as fractions, and changes nothing else", () => {
  const original = `{"cutoff": 2.0, "layers": 2, "eps": 1e-05, "text": "\\"a\\": 3.0",
    "rope": {"factor": 8.0, "cutoff": 2}, "rates": {"0": 0.0}}`;
  const config = { ...JSON.parse(original), layers: 3, cutoff: 2, added: 1 };
  const text = configText(config, original);
  expect(JSON.parse(text)).toEqual(config);
  expect(text).toContain('"cutoff": 2.0,');
  expect(text).toContain('"layers": 3,');
  expect(text).toContain('"eps": 1e-05,');
  expect(text).toContain('"factor": 8.0,');
  expect(text).toContain('"0": 0.0');
  expect(text).toContain('"added": 1\n');
  expect(text).toContain('"text": "\\"a\\": 3.0"');
});
