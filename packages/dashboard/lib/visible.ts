/** @file Text from models and files as a page can show it: nothing in it is dropped or rewritten by the browser. */

/**
 * The same text with control characters as their pictures (U+2400 and on) and lone surrogates as U+FFFD. A browser
 * would leave out U+0000, join line ends and replace half characters, and the page would differ from what was sent.
 */
export const visible = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    .replaceAll(/[\u0000-\u001f]/g, (control) =>
      String.fromCodePoint(0x2400 + control.charCodeAt(0)),
    )
    .replaceAll("\u007f", "\u2421")
    .replaceAll(/[\u0080-\u009f]|\p{Surrogate}/gu, "\ufffd");
