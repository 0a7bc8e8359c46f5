/** @file Saves what is on screen as a file: texts, the drawing of a chart, or its picture. */

"use client";

/** Hands a text to the browser as a download. */
export function saveText(name: string, type: string, text: string): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** Saves a drawing as it looks now, colours and fonts written into it. */
export function saveSvg(name: string, drawing: SVGSVGElement): void {
  saveText(name, "image/svg+xml", standalone(drawing));
}

/** Saves a drawing as a picture of twice its size on screen. */
export async function savePng(name: string, drawing: SVGSVGElement): Promise<void> {
  const { width, height } = drawing.getBoundingClientRect();
  const url = URL.createObjectURL(new Blob([standalone(drawing)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * 2);
    canvas.height = Math.ceil(height * 2);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob !== null) saveBlob(name, blob);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Properties a drawing needs when its style sheet is gone. */
const written = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "opacity",
  "paint-order",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
] as const;

/** A drawing that needs no style sheet: computed styles become attributes of a copy. */
function standalone(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  for (const [i, element] of [copy, ...copy.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(originals[i] as Element);
    const parent = i === 0 ? null : getComputedStyle(originals[i]?.parentElement as Element);
    for (const name of written) {
      const value = style.getPropertyValue(name);
      // Opacity is not handed down to children; everything else is, so only changes are written.
      const handedDown = name === "opacity" ? "1" : parent?.getPropertyValue(name);
      if (value !== handedDown) element.setAttribute(name, value);
    }
    for (const name of ["class", "style", "tabindex"]) element.removeAttribute(name);
  }
  const { width, height } = drawing.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  copy.setAttribute("font-family", "Inter, Helvetica, Arial, sans-serif");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", groundColour());
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** Colour of the cards in the theme on screen, as a plain colour. */
function groundColour(): string {
  const probe = document.createElement("span");
  probe.style.color = "var(--card)";
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
