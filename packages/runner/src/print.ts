/** @file Writes lines to standard output, as fast as the reader takes them and no faster. */

import { once } from "node:events";

/** Characters written at a time. */
const chunk = 65_536;

/** Writes every line; between chunks it lets others run, so that a reader who left is noticed. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < chunk) continue;
    await print(text);
    text = "";
  }
  if (text !== "") await print(text);
}

async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) await new Promise(setImmediate);
  else await once(process.stdout, "drain");
}
