/** @file The command line as it is recorded, without what may hold a secret; and words quoted for a shell. */

/** Options whose value is nobody else's business. */
const secret: ReadonlySet<string> = new Set(["--notify", "--token"]);

/** The arguments as one line; values of secret options are left out, whichever way they are written. */
export function recordedCommand(args: readonly string[] = process.argv.slice(2)): string {
  const shown = args.map((arg, i) => {
    const [name = ""] = arg.split("=", 1);
    if (secret.has(name) && arg.includes("=")) return `${name}=***`;
    return secret.has(args[i - 1] ?? "") ? "***" : arg;
  });
  return ["probegrid", ...shown].join(" ");
}

/** A word as POSIX shells read it; nothing inside can end the quotes. */
export function shellQuoted(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
