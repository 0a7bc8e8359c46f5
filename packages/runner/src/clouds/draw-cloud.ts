/** @file Draws a word cloud: sizes follow weights, no two words touch, the same picture for the same seed. */

import { createRequire } from "node:module";
import { type Canvas, createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { createRandom } from "@probegrid/probes";
import cloud from "d3-cloud";
import { plainText } from "../plain-text.ts";

/** A word and its weight above 0. */
export type CloudWord = { readonly word: string; readonly weight: number };

/** A word as it was placed, its middle relative to the picture's. */
export type PlacedWord = CloudWord & {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly size: number;
};

export type CloudPicture = {
  readonly png: Buffer;
  readonly words: readonly PlacedWord[];
};

type Options = { readonly seed: string; readonly width?: number; readonly height?: number };

const family = "Probegrid Cloud";
/** Characters of a word that are drawn; the rest of a longer word becomes an ellipsis. */
const longest = 28;
const colours = ["#1b6ca8", "#c2571a", "#2a7f4f", "#7a4fa3", "#a83253", "#4d5a66"];

/** Places every word, smaller and smaller until all fit. */
export async function drawCloud(
  words: readonly CloudWord[],
  { seed, width = 800, height = 500 }: Options,
): Promise<CloudPicture> {
  useFont();
  const most = Math.max(...words.map(({ weight }) => weight));
  for (let largest = 84; ; largest *= 0.85) {
    const placed = await place(words, { seed, width, height, most, largest });
    if (placed.length === words.length || largest < 12) {
      return { png: paint(placed, { width, height, seed }), words: placed };
    }
  }
}

let registered = false;
/** DejaVu Sans, which covers Latin, Greek and Cyrillic letters. */
function useFont(): void {
  if (registered) return;
  const require = createRequire(import.meta.url);
  GlobalFonts.registerFromPath(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"), family);
  registered = true;
}

/** d3-cloud keeps `text`, `font`, `weight`, `size` and the like for itself, so the weight is `value`. */
type Laid = cloud.Word & { readonly word: string; readonly value: number };

type Sizes = {
  readonly seed: string;
  readonly width: number;
  readonly height: number;
  readonly most: number;
  readonly largest: number;
};

async function place(
  words: readonly CloudWord[],
  { seed, width, height, most, largest }: Sizes,
): Promise<readonly PlacedWord[]> {
  const draw = createRandom(seed);
  const given = words.map(
    ({ word, weight }): Laid => ({ word, value: weight, text: shownWord(word) }),
  );
  const laid = await new Promise<readonly Laid[]>((resolve) => {
    cloud<Laid>()
      .size([width, height])
      .canvas(() => boxCanvas() as never)
      .words(given)
      .text((word) => word.text ?? "")
      .font(family)
      .fontSize(({ value }) => 9 + (largest - 9) * Math.sqrt(value / most))
      .rotate(0)
      .padding(3)
      .random(() => draw.next())
      .timeInterval(Number.POSITIVE_INFINITY)
      .on("end", (placed) => resolve(placed))
      .start();
  });
  return laid.map((word) => ({
    word: word.word,
    weight: word.value,
    x: word.x ?? 0,
    y: word.y ?? 0,
    size: word.size ?? 0,
    ...extent(word),
  }));
}

/**
 * A canvas on which d3-cloud sees a word as the box around its ink. By its pixels alone a full stop would fit
 * over the letter "a" of another word and be read as part of it.
 */
function boxCanvas(): Canvas {
  const canvas = createCanvas(1, 1);
  const context = canvas.getContext("2d");
  const boxOf = (text: string, x: number, y: number): [number, number, number, number] => {
    const ink = context.measureText(text);
    const { actualBoundingBoxLeft: left, actualBoundingBoxAscent: above } = ink;
    const width = left + ink.actualBoundingBoxRight;
    return [x - left, y - above, width, above + ink.actualBoundingBoxDescent];
  };
  context.fillText = (text, x, y) => context.fillRect(...boxOf(text, x, y));
  context.strokeText = (text, x, y) => context.strokeRect(...boxOf(text, x, y));
  canvas.getContext = (() => context) as never;
  return canvas;
}

/** A word as it is drawn. */
export function shownWord(word: string): string {
  const characters = Array.from(plainText(word));
  return characters.length > longest
    ? `${characters.slice(0, longest - 1).join("")}…`
    : characters.join("");
}

function extent(word: Laid): { readonly width: number; readonly height: number } {
  const context = createCanvas(1, 1).getContext("2d");
  context.font = `${word.size}px "${family}"`;
  const size = context.measureText(word.text ?? "");
  return {
    width: size.width,
    height: size.actualBoundingBoxAscent + size.actualBoundingBoxDescent,
  };
}

function paint(
  words: readonly PlacedWord[],
  {
    width,
    height,
    seed,
  }: { readonly width: number; readonly height: number; readonly seed: string },
): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const draw = createRandom(seed).fork("colours");
  for (const { word, x, y, size } of words) {
    context.font = `${size}px "${family}"`;
    context.fillStyle = colours[draw.integer(colours.length)]!;
    context.fillText(shownWord(word), width / 2 + x, height / 2 + y);
  }
  return canvas.toBuffer("image/png");
}
