/** @file One line in the terminal that says how far a download is; nothing where nobody watches. */

import { formatBytes } from "../format.ts";
import { plainText } from "../plain-text.ts";

export type Progress = {
  readonly show: (
    what: string,
    done: { readonly bytes: number; readonly size: number | null },
  ) => void;
  /** Takes the line away. */
  readonly clear: () => void;
};

/** Milliseconds between two changes of the line. */
const pause = 200;

export function showProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let shown = 0;
  const write = (line: string): void => {
    if (stream.isTTY) stream.write(`\r\u001b[K${line}`);
  };
  return {
    show: (what, { bytes, size }) => {
      if (Date.now() - shown < pause) return;
      shown = Date.now();
      const share = size === null || size === 0 ? "" : `, ${Math.floor((100 * bytes) / size)} %`;
      write(`${plainText(what)}: ${formatBytes(bytes)}${share}`);
    },
    clear: () => write(""),
  };
}
