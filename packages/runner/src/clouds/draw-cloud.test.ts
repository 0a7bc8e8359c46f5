/** @file Word clouds: every word, none touching, the same bytes for the same seed. */

import { createCanvas, loadImage } from "@napi-rs/canvas";
import { expect, it } from "vitest";
import { type CloudWord, drawCloud, shownWord } from "./draw-cloud.ts";

const words: readonly CloudWord[] = [
  "zażółć",
  "gęślą",
  "jaźń",
  "Łódź",
  "Αθήνα",
  "Москва",
  "memorable",
  "charm",
  "bird",
  "rare",
  "x".repeat(300),
  "a",
  "of",
  "<b>",
  "&",
  "constructor",
  "__proto__",
  "naïve",
  "Ørsted",
  "œuvre",
  "weight",
  "text",
  "size",
  "font",
].map((word, i) => ({ word, weight: 1 / (i + 1) }));

it("places every word", async () => {
  const { words: placed } = await drawCloud(words, { seed: "a" });
  expect(placed.map(({ word }) => word).sort()).toEqual(words.map(({ word }) => word).sort());
});

it("gives larger words to larger weights", async () => {
  const { words: placed } = await drawCloud(words, { seed: "a" });
  const sizes = words.map(({ word }) => placed.find((one) => one.word === word)!.size);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
});

it("draws the same bytes for the same seed and others for another", async () => {
  const [one, same, other] = await Promise.all(
    ["a", "a", "b"].map((seed) => drawCloud(words, { seed })),
  );
  expect(one!.png.equals(same!.png)).toBe(true);
  expect(one!.png.equals(other!.png)).toBe(false);
});

it("lets no two words touch", async () => {
  const { words: placed } = await drawCloud(words, { seed: "a" });
  const taken = new Int16Array(800 * 500).fill(-1);
  placed.forEach(({ word, x, y, size }, i) => {
    const context = createCanvas(800, 500).getContext("2d");
    context.font = `${size}px "Probegrid Cloud"`;
    context.textAlign = "center";
    context.fillText(shownWord(word), 400 + x, 250 + y);
    const { data } = context.getImageData(0, 0, 800, 500);
    for (let pixel = 0; pixel < taken.length; pixel++) {
      if (data[4 * pixel + 3]! < 128) continue;
      expect(taken[pixel]).toBe(-1);
      taken[pixel] = i;
    }
  });
});

it("puts no word into the box of another, where a full stop would read as an accent", async () => {
  const dots = [".", "·", "'", "¨"].map((word, i) => ({ word, weight: 0.03 / (i + 1) }));
  const { words: placed } = await drawCloud([...words, ...dots], { seed: "a" });
  const context = createCanvas(1, 1).getContext("2d");
  context.textAlign = "center";
  const boxes = placed.map(({ word, x, y, size }) => {
    context.font = `${size}px "Probegrid Cloud"`;
    const ink = context.measureText(shownWord(word));
    const [left, top] = [x - ink.actualBoundingBoxLeft, y - ink.actualBoundingBoxAscent];
    const [right, bottom] = [x + ink.actualBoundingBoxRight, y + ink.actualBoundingBoxDescent];
    return { word, left, top, right, bottom };
  });
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const across = a.left < b.right && b.left < a.right;
      expect(across && a.top < b.bottom && b.top < a.bottom, `${a.word} ${b.word}`).toBe(false);
    }
  }
});

it("draws letters, not boxes", async () => {
  // Two different letters of a script that a font lacks would be the same box.
  for (const [a, b] of ["łż", "ΩΨ", "ЖЩ"].map((pair) => Array.from(pair))) {
    const pixels = await Promise.all(
      [a!, b!].map(async (word) => {
        const { png } = await drawCloud([{ word, weight: 1 }], { seed: "a" });
        const image = await loadImage(png);
        const canvas = createCanvas(image.width, image.height);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        return Buffer.from(context.getImageData(0, 0, image.width, image.height).data);
      }),
    );
    expect(pixels[0]!.equals(pixels[1]!)).toBe(false);
  }
});
