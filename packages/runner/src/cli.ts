/** @file The command line: reads arguments, runs a command, turns errors into one line and an exit code. */

import yargs, { type Argv, type CommandModule } from "yargs";
import { explainUsage } from "./commands/explain-usage.ts";
import { commands, nameOf } from "./commands/index.ts";
import { ownVersion } from "./environment.ts";
import { ExperimentError } from "./errors.ts";
import { explainError } from "./explain-error.ts";
import { plainText } from "./plain-text.ts";

/** Runs one command line and sets the exit code: 0 fine, 1 a trial failed, 2 bad input. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on("error", leaveOnClosedPipe);
  let help = "";
  try {
    const parser = createParser(args, await loadCommands(args));
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      help = output;
    });
    if (help !== "") process.stdout.write(`${help}\n`);
  } catch (error) {
    const { text, exitCode } = explainError(error);
    process.stderr.write(`probegrid: ${text.split("\n").map(plainText).join("\n")}\n`);
    process.exitCode = exitCode;
  }
}

/** Every command by name and description; what one takes and does is loaded only where its name occurs. */
function loadCommands(args: readonly string[]): Promise<readonly CommandModule[]> {
  return Promise.all(
    commands.map(async ({ load, ...named }) => {
      const parts = args.includes(nameOf(named)) ? await load() : { handler: () => {} };
      return { ...named, ...parts };
    }),
  );
}

function createParser(args: readonly string[], loaded: readonly CommandModule[]): Argv {
  const parser: Argv = loaded
    .reduce((cli: Argv, command) => cli.command(command), yargs([...args]))
    .scriptName("probegrid")
    .usage("$0 <command>\n\nGrids of experiments that look inside transformer language models.")
    .example("$0 demo", "see a whole grid run, on data that ships with the project")
    .example("$0 plan experiments/demo.ts", "what would be computed, and how long it takes")
    .example("$0 run experiments/demo.ts", "compute what is missing")
    .example("$0 results --format csv", "every score, for a spreadsheet")
    .demandCommand(1, "expected a command")
    .strict()
    .locale("en")
    .version(ownVersion())
    .help()
    .alias("help", "h")
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new ExperimentError(explainUsage(message, { parser, args }));
    });
  return parser;
}

/** `probegrid results | head` closes our output early: that is no error. */
function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}
