/** @file Lines of a generator as an answer that grows at the pace of its reader. */

/** Bytes per piece; the reader's pace decides when the next one is made. */
const piece = 256 * 1024;

/** Bytes of the lines, in pieces; the generator is closed when the reader goes away. What is bytes already is one piece. */
export function streamOf(lines: Iterator<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let text = "";
      const flush = (): void => {
        if (text !== "") controller.enqueue(encoder.encode(text));
        text = "";
      };
      while (text.length < piece) {
        const { value, done } = lines.next();
        if (done === true) {
          flush();
          controller.close();
          return;
        }
        if (typeof value !== "string") {
          flush();
          controller.enqueue(value);
          return;
        }
        text += value;
      }
      flush();
    },
    cancel() {
      lines.return?.();
    },
  });
}
