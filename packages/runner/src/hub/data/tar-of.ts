/** @file Makes small tar archives for tests, with any names in them. */

/** A ustar archive of these files; `types` makes some of them links ("2") or others. */
export function tarOf(
  files: Readonly<Record<string, Buffer>>,
  types: Readonly<Record<string, string>> = {},
): Buffer {
  const blocks = Object.entries(files).flatMap(([name, contents]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${contents.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(types[name] ?? "0", 156);
    header.write("ustar\0", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, contents, Buffer.alloc((512 - (contents.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
