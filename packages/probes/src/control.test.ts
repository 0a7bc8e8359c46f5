import { expect, test } from "vitest";
import { controlTask } from "./control.ts";
import { createRandom } from "./random.ts";

const random = createRandom(1);
const names = Array.from({ length: 40 }, (_, i) => `name${i}`);
const texts = Array.from(
  { length: 2000 },
  () => `The ${names[random.integer(40)]} sees ${random.integer(1_000_000)}.`,
);
const targets = Int32Array.from({ length: 2000 }, (_, i) => (i % 10 < 3 ? 1 : 0));
const data = { texts, targets, classes: 2, seed: 7 };

test("picks the word that can be remembered, and gives each of its types one class", () => {
  const control = controlTask(data);
  // The first word and the third are always the same, the last is never: the name is left.
  expect(control?.word).toBe("second");
  expect(Object.keys(control?.labels ?? {}).sort()).toEqual([...names].sort());
  for (const [row, text] of texts.entries()) {
    expect(control?.targets[row]).toBe(control?.labels[text.split(" ")[1] ?? ""]);
  }
});

test("keeps the shares of the classes to within a type", () => {
  const positive = controlTask(data)?.targets.filter((label) => label === 1).length ?? 0;
  // 600 of 2000 rows are of class 1, a name has about 50.
  expect(Math.abs(positive - 600)).toBeLessThanOrEqual(60);
});

test("is decided by its seed", () => {
  expect(controlTask(data)).toEqual(controlTask(data));
  expect(controlTask({ ...data, seed: 8 })?.labels).not.toEqual(controlTask(data)?.labels);
});

test("there is none where no word tells texts apart", () => {
  expect(controlTask({ ...data, texts: texts.map(() => "the same") })).toBeNull();
});
