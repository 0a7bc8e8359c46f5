/** @file Gives a command's handler the types of the options that its builder declares. */

import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";

type Definition<Options> = {
  readonly command: string;
  /** False for a command that no list shows. */
  readonly describe: string | false;
  readonly builder: (yargs: Argv) => Argv<Options>;
  readonly handler: (options: ArgumentsCamelCase<Options>) => Promise<void>;
};

/** A command of yargs. */
export function defineCommand<Options>(definition: Definition<Options>): CommandModule {
  return definition as unknown as CommandModule;
}
