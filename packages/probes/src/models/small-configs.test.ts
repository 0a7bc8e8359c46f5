import { expect, test } from "vitest";
import { modelTypes, readModel } from "./index.ts";
import { smallConfig, smallConfigs } from "./small-configs.ts";

test("has a config for every architecture and no other", () => {
  expect(Object.keys(smallConfigs).sort()).toEqual(modelTypes);
});

test.each(modelTypes)("%s reads its small config", (type) => {
  const { geometry } = readModel(smallConfig(type));
  expect([geometry.width, geometry.vocabulary]).toEqual([16, 32]);
});
