/** @file Bytes of a text file to text, whatever they were written in. */

/** A file's text and how its bytes were read; `guessed` when they were neither UTF-8 nor said to be anything. */
export type Decoded = {
  readonly text: string;
  readonly encoding: string;
  readonly guessed: boolean;
};

/** A byte order mark decides, then `encoding`, then UTF-8 where the bytes are valid, else windows-1252. */
export function decodeText(bytes: Buffer, encoding?: string): Decoded {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return as("utf-16le");
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return as("utf-16be");
  if (encoding === "windows-1252" || encoding === "latin-1") {
    return { text: windows1252(bytes), encoding: "windows-1252", guessed: false };
  }
  if (encoding !== undefined && encoding !== "utf-8") return as(encoding);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, encoding: "utf-8", guessed: false };
  } catch (cause) {
    if (encoding === "utf-8") throw new Error("expected UTF-8, got other bytes", { cause });
    return { text: windows1252(bytes), encoding: "windows-1252", guessed: true };
  }

  function as(name: string): Decoded {
    return { text: new TextDecoder(name).decode(bytes), encoding: name, guessed: false };
  }
}

// 0x80 to 0x9f; the five unused bytes stay control characters, as browsers do
const upper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Latin-1 whose control characters 0x80 to 0x9f are letters and signs. Some TextDecoders forget those. */
function windows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (char) => upper[char.charCodeAt(0) - 0x80] ?? char);
}
