/** @file Lines of a generator as an answer that grows at the pace of its reader. */

/** Bytes per piece; the reader's pace decides when the next one is made. */
const piece = 256 * 1024;

/** Bytes of the lines, in pieces; the generator is closed when the reader goes away. */
export function streamOf(lines: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let text = "";
      while (text.length < piece) {
        const { value, done } = lines.next();
        if (done) {
          if (text !== "") controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += value;
      }
      controller.enqueue(encoder.encode(text));
    },
    cancel() {
      lines.return?.();
    },
  });
}
