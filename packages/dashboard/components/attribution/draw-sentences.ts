/** @file Coloured sentences as a drawing, word for word where they stand on screen, for SVG and PNG. */

const svg = "http://www.w3.org/2000/svg";

/** A drawing of what is inside an element, put behind it for the moment in which it is saved. */
export function drawSentences(frame: HTMLElement): SVGSVGElement {
  const ground = frame.getBoundingClientRect();
  const drawing = document.createElementNS(svg, "svg");
  drawing.setAttribute("viewBox", `0 0 ${ground.width} ${ground.height}`);
  drawing.setAttribute("width", String(ground.width));
  drawing.setAttribute("height", String(ground.height));
  drawing.style.cssText = "position:absolute;left:-100000px;top:0";
  for (const element of frame.querySelectorAll<HTMLElement>("[data-word], [data-draw]")) {
    drawing.append(...drawElement(element, ground));
  }
  frame.append(drawing);
  setTimeout(() => drawing.remove());
  return drawing;
}

/** The ground of a word and its letters, line by line. */
function drawElement(element: HTMLElement, ground: DOMRect): readonly SVGElement[] {
  const share = Number(element.dataset.share ?? 0);
  const boxes = [...element.getClientRects()].map((box) => {
    const rect = document.createElementNS(svg, "rect");
    place(rect, { x: box.x - ground.x, y: box.y - ground.y });
    rect.setAttribute("width", String(box.width));
    rect.setAttribute("height", String(box.height));
    rect.setAttribute("rx", "3");
    const colour = getComputedStyle(document.documentElement);
    rect.style.fill = colour.getPropertyValue(share < 0 ? "--against" : "--for");
    rect.style.fillOpacity = String(Math.abs(share));
    return rect;
  });
  const texts = [...textNodes(element)].flatMap((node) => drawText(node, ground));
  return share === 0 ? texts : [...boxes, ...texts];
}

function* textNodes(element: HTMLElement): Generator<Text> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) yield node as Text;
}

/** A text node; one that is broken over lines is drawn line by line. */
function drawText(node: Text, ground: DOMRect): readonly SVGElement[] {
  const style = getComputedStyle(node.parentElement as Element);
  return linesOf(node).map(({ text, box }) => {
    const drawn = document.createElementNS(svg, "text");
    place(drawn, { x: box.x - ground.x, y: box.y - ground.y + box.height * 0.77 });
    drawn.style.fill = style.color;
    drawn.style.fontSize = style.fontSize;
    drawn.style.fontWeight = style.fontWeight;
    drawn.textContent = text;
    return drawn;
  });
}

/** Parts of a text node that stand on one line. */
function linesOf(node: Text): readonly { readonly text: string; readonly box: DOMRect }[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const boxes = [...range.getClientRects()];
  if (boxes.length < 2) return boxes.map((box) => ({ text: node.data, box }));
  const lines: { text: string; box: DOMRect }[] = [];
  let at = 0;
  for (const letter of node.data) {
    range.setStart(node, at);
    at += letter.length;
    range.setEnd(node, at);
    const box = range.getBoundingClientRect();
    const line = lines.at(-1);
    if (line !== undefined && Math.abs(line.box.y - box.y) < 2) line.text += letter;
    else lines.push({ text: letter, box });
  }
  return lines;
}

function place(element: SVGElement, { x, y }: { readonly x: number; readonly y: number }): void {
  element.setAttribute("x", x.toFixed(1));
  element.setAttribute("y", y.toFixed(1));
}
