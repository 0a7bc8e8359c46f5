/** @file The command line: reads arguments, runs a command, turns errors into one line and an exit code. */

import yargs, { type Argv } from "yargs";
import { demoCommand } from "./commands/demo.ts";
import { encodeCommand } from "./commands/encode.ts";
import { modelsCommand } from "./commands/models.ts";
import { noteCommand } from "./commands/note.ts";
import { planCommand } from "./commands/plan.ts";
import { resultsCommand } from "./commands/results.ts";
import { runCommand } from "./commands/run.ts";
import { statusCommand } from "./commands/status.ts";
import { tagCommand } from "./commands/tag.ts";
import { nearestName } from "./errors.ts";
import { explainError } from "./explain-error.ts";

/** In the order a newcomer meets them. */
const commands = [
  planCommand,
  runCommand,
  statusCommand,
  resultsCommand,
  noteCommand,
  tagCommand,
  encodeCommand,
  modelsCommand,
  demoCommand,
] as const;

const commandNames = commands.map(({ command }) => String(command).split(" ")[0] ?? "");

/** Runs one command line and sets the exit code: 0 fine, 1 a trial failed, 2 bad input. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on("error", leaveOnClosedPipe);
  let help = "";
  const parser = commands
    .reduce((cli: Argv, command) => cli.command(command as never), yargs([...args]))
    .scriptName("probegrid")
    .usage("$0 <command>\n\nGrids of experiments that look inside transformer language models.")
    .example("$0 demo", "see a whole grid run, on data that ships with the project")
    .example("$0 plan experiments/demo.ts", "what would be computed, and how long it takes")
    .example("$0 run experiments/demo.ts", "compute what is missing")
    .example("$0 results --format csv", "every score, for a spreadsheet")
    .demandCommand(1, "expected a command")
    .strict()
    .locale("en")
    .version(false)
    .help()
    .alias("help", "h")
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error, cli) => {
      throw error ?? new UsageError(explainUsage(message, knownOptions(cli)));
    });
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      help = output;
    });
    if (help !== "") process.stdout.write(`${help}\n`);
  } catch (error) {
    const { text, exitCode } =
      error instanceof UsageError
        ? { text: `${error.message}\nprobegrid --help lists every command`, exitCode: 2 }
        : explainError(error);
    process.stderr.write(`probegrid: ${text}\n`);
    process.exitCode = exitCode;
  }
}

/** The command line itself is wrong. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

/** yargs' message in our form, with the nearest known command or option. */
function explainUsage(message: string, options: readonly string[]): string {
  const unknown = /^Unknown (argument|command)s?: (.*)$/.exec(message);
  if (!unknown) return message.charAt(0).toLowerCase() + message.slice(1);
  const names = (unknown[2] ?? "").split(", ");
  const name = names[0] ?? "";
  const isCommand =
    unknown[1] === "command" ||
    (!options.includes(name) &&
      !process.argv.some(
        (argument) =>
          argument.startsWith(`-`) && argument.replace(/^-+/, "").split("=")[0] === name,
      ));
  const nearest = nearestName(name, isCommand ? commandNames : options);
  const what = isCommand ? `command "${name}"` : `option --${name}`;
  const hint =
    nearest === undefined ? "" : `, did you mean ${isCommand ? nearest : `--${nearest}`}?`;
  return `unknown ${what}${hint}`;
}

function knownOptions(cli: Argv): readonly string[] {
  const { key } = (
    cli as unknown as { getOptions(): { key: Record<string, unknown> } }
  ).getOptions();
  return Object.keys(key);
}

/** `probegrid results | head` closes our output early: that is no error. */
function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}
