import { expect, test } from "vitest";
import { formatPlace, parsePlaces } from "./place.ts";

test("reads one worker per device", () => {
  expect(parsePlaces("cuda:0, cuda:3").map(formatPlace)).toEqual(["cuda:0", "cuda:3"]);
  expect(parsePlaces("webgpu")).toEqual([{ device: "webgpu", index: 0 }]);
});

test.each([
  ["gpu", 'expected devices such as cuda:0,cuda:1 (cpu, webgpu, cuda or tfjs), got "gpu"'],
  ["", 'got ""'],
  ["cuda:-1", 'got "cuda:-1"'],
  ["cuda:0,cuda", "cuda:0 is named twice"],
  [
    "cuda,webgpu",
    "expected devices of one kind, whose numbers agree to the bit, got cuda and webgpu",
  ],
  ["webgpu:1", "expected webgpu:0"],
])("refuses %j", (text, message) => {
  expect(() => parsePlaces(text)).toThrow(message);
});
