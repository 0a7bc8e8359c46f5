/** @file Gives a command's handler the types of the options that its builder declares. */

import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";

type Definition<Options> = {
  readonly builder: (yargs: Argv) => Argv<Options>;
  readonly handler: (options: ArgumentsCamelCase<Options>) => Promise<void>;
};

/** A command of yargs without its name, which stands in the list of commands. */
export type CommandParts = Required<Pick<CommandModule, "builder" | "handler">>;

/** What a command takes and does. */
export function defineCommand<Options>(definition: Definition<Options>): CommandParts {
  return definition as unknown as CommandParts;
}

type Named<Options> = Definition<Options> & {
  readonly command: string;
  readonly describe: string;
};

/** A command below another one, as `pull` in `data pull`. */
export function defineSubcommand<Options>(definition: Named<Options>): CommandModule {
  return definition as unknown as CommandModule;
}
