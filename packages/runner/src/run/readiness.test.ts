import { expect, test } from "vitest";
import { createEncodings } from "./readiness.ts";

test("says what became of an encoding, whether asked before or after", async () => {
  const encodings = createEncodings();
  const early = encodings.wait("a");
  encodings.settle("a", "made");
  encodings.settle("a", new Error("too late"));
  expect([await early, await encodings.wait("a")]).toEqual(["made", "made"]);
});

test("lets nobody wait for what will never be made", async () => {
  const encodings = createEncodings();
  const early = encodings.wait("a");
  encodings.close();
  expect([await early, await encodings.wait("b")]).toEqual(["stopped", "stopped"]);
});
