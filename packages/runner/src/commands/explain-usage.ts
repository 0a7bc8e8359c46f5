/** @file What is wrong with a command line, in our words: yargs' message, the nearest command or option, where help is. */

import type { Argv } from "yargs";
import { nearestName, unknownName } from "../errors.ts";
import { commands, nameOf } from "./index.ts";

type CommandLine = {
  readonly parser: Argv;
  readonly args: readonly string[];
};

/** One clear line for a message of yargs. */
export function explainUsage(message: string, { parser, args }: CommandLine): string {
  const names = commands.map(nameOf);
  const command = names.includes(args[0] ?? "") ? args[0] : undefined;
  const hint = ["see probegrid", command, "--help"].filter((word) => word !== undefined).join(" ");
  const unknown = /^Unknown (?:argument|command)s?: ([^,]*)/.exec(message)?.[1];
  if (unknown !== undefined) {
    if (
      args.some(
        (argument) =>
          argument.split("=")[0]?.replace(/^--?/, "") === unknown && argument.startsWith("-"),
      )
    ) {
      const nearest = nearestName(unknown, knownOptions(parser));
      return `unknown option --${unknown}${nearest === undefined ? "" : `, did you mean --${nearest}?`} (${hint})`;
    }
    if (command === undefined) return unknownName("command", unknown, names);
    return `${command}: unexpected argument ${JSON.stringify(unknown)} (${hint})`;
  }
  const choice = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message);
  if (choice) {
    const [, option, given, known] = choice;
    return `--${option}: unknown value ${given}, expected one of ${known?.replaceAll('"', "")}`;
  }
  if (message.startsWith("Not enough non-option arguments")) {
    const usage = commands[names.indexOf(command ?? "")]?.command ?? "";
    return `${command}: an argument is missing, expected probegrid ${usage} (${hint})`;
  }
  return `${message.charAt(0).toLowerCase()}${message.slice(1).replaceAll("\n", " ")} (${hint})`;
}

/** Options of the command that is being parsed; yargs keeps them in a method that its types leave out. */
function knownOptions(parser: Argv): readonly string[] {
  const { key } = (
    parser as Argv & { getOptions(): { key: Record<string, unknown> } }
  ).getOptions();
  return Object.keys(key);
}
