import { expect, test } from "vitest";
import { isPublished } from "./published.ts";

test("knows what was taken from published results by what it says of itself", () => {
  expect(isPublished('{"origin":"published"}')).toBe(true);
  expect(isPublished('{"origin":"published results"}')).toBe(true);
  expect(isPublished('{"node":"20.20.2","device":"cpu"}')).toBe(false);
  for (const odd of [null, "", "null", '"published"', '[{"origin":"published"}', "3"])
    expect(isPublished(odd)).toBe(false);
});
