/** @file Lines of a generator as an answer that grows at the pace of its reader. */

/** Bytes per piece; the reader's pace decides when the next one is made. */
const piece = 256 * 1024;

/** A heading and pieces of bytes that come from elsewhere; the generator is closed when the reader goes away. */
export function streamOfPieces(
  heading: string,
  pieces: AsyncGenerator<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(heading));
    },
    async pull(controller) {
      const { value, done } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

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
