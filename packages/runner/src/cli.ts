/** @file The command line: reads arguments, runs a command, turns errors into one line and an exit code. */

import yargs, { type Argv, type CommandModule } from "yargs";
import { attributeCommand } from "./commands/attribute.ts";
import { compareCommand } from "./commands/compare.ts";
import { dashboardCommand } from "./commands/dashboard.ts";
import { dataCommand } from "./commands/data.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { encodeCommand } from "./commands/encode.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainUsage } from "./commands/explain-usage.ts";
import { exportCommand } from "./commands/export.ts";
import { finetuneCommand } from "./commands/finetune.ts";
import { gcCommand } from "./commands/gc.ts";
import { importCommand } from "./commands/import.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { modelsCommand } from "./commands/models.ts";
import { noteCommand } from "./commands/note.ts";
import { planCommand } from "./commands/plan.ts";
import { predictCommand } from "./commands/predict.ts";
import { reportCommand } from "./commands/report.ts";
import { resultsCommand } from "./commands/results.ts";
import { runCommand } from "./commands/run.ts";
import { statusCommand } from "./commands/status.ts";
import { tagCommand } from "./commands/tag.ts";
import { workerCommand } from "./commands/worker.ts";
import { ExperimentError } from "./errors.ts";
import { explainError } from "./explain-error.ts";
import { plainText } from "./plain-text.ts";

/** In the order a newcomer meets them. */
const commands: readonly CommandModule[] = [
  planCommand,
  runCommand,
  statusCommand,
  resultsCommand,
  compareCommand,
  noteCommand,
  tagCommand,
  dashboardCommand,
  finetuneCommand,
  predictCommand,
  evaluateCommand,
  attributeCommand,
  inspectCommand,
  reportCommand,
  exportCommand,
  importCommand,
  doctorCommand,
  gcCommand,
  encodeCommand,
  modelsCommand,
  dataCommand,
  demoCommand,
  workerCommand,
];

/** Runs one command line and sets the exit code: 0 fine, 1 a trial failed, 2 bad input. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on("error", leaveOnClosedPipe);
  let help = "";
  const parser = createParser(args);
  try {
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

function createParser(args: readonly string[]): Argv {
  const parser: Argv = commands
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
    .version(false)
    .help()
    .alias("help", "h")
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new ExperimentError(explainUsage(message, { parser, args, commands }));
    });
  return parser;
}

/** `probegrid results | head` closes our output early: that is no error. */
function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}
