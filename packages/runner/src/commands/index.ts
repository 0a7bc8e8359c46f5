/** @file The commands in the order a newcomer meets them; the module of one is loaded when it is asked for. */

import type { CommandParts } from "./define-command.ts";

/** What a list of commands says of one, and where the rest of it is. */
export type Command = {
  /** Its name and positional arguments, as yargs writes them. */
  readonly command: string;
  /** False for a command that no list shows. */
  readonly describe: string | false;
  readonly load: () => Promise<CommandParts>;
};

export const commands: readonly Command[] = [
  {
    command: "plan <experiment>",
    describe: "Count what an experiment computes, and estimate bytes and seconds",
    load: async () => (await import("./plan.ts")).planCommand,
  },
  {
    command: "run <experiment>",
    describe: "Compute what is missing of an experiment; stop and go on at any time",
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    command: "status",
    describe: "Show every experiment: state, progress, best score, failures",
    load: async () => (await import("./status.ts")).statusCommand,
  },
  {
    command: "results",
    describe: "Print every score that is stored",
    load: async () => (await import("./results.ts")).resultsCommand,
  },
  {
    command: "compare <experiment>",
    describe: "Test which layers, poolings and models differ from the best",
    load: async () => (await import("./compare.ts")).compareCommand,
  },
  {
    command: "note <experiment> <text>",
    describe: "Set the note of an experiment; an empty text removes it",
    load: async () => (await import("./note.ts")).noteCommand,
  },
  {
    command: "tag <experiment> <tag>",
    describe: "Add a tag to an experiment, or remove it",
    load: async () => (await import("./tag.ts")).tagCommand,
  },
  {
    command: "dashboard",
    describe: "Compare layers and poolings in the browser, live",
    load: async () => (await import("./dashboard.ts")).dashboardCommand,
  },
  {
    command: "finetune",
    describe: "Train a classifier on texts with labels; the result is a checkpoint",
    load: async () => (await import("./finetune.ts")).finetuneCommand,
  },
  {
    command: "predict [text] [textPair]",
    describe: "Ask a fine-tuned checkpoint about texts",
    load: async () => (await import("./predict.ts")).predictCommand,
  },
  {
    command: "evaluate",
    describe: "Score a fine-tuned checkpoint on texts with known labels",
    load: async () => (await import("./evaluate.ts")).evaluateCommand,
  },
  {
    command: "attribute [texts..]",
    describe: "Show which tokens made a model answer as it did",
    load: async () => (await import("./attribute.ts")).attributeCommand,
  },
  {
    command: "inspect",
    describe: "Fine-tune a classifier and write which words it decides by, with word clouds",
    load: async () => (await import("./inspect.ts")).inspectCommand,
  },
  {
    command: "report <experiment>",
    describe: "Write an experiment's tables and charts into one HTML file",
    load: async () => (await import("./report.ts")).reportCommand,
  },
  {
    command: "export <experiment>",
    describe: "Write an experiment, its splits and scores into one file that import reads",
    load: async () => (await import("./export.ts")).exportCommand,
  },
  {
    command: "import <results>",
    describe: "Bring exported experiments or published probing results into the store",
    load: async () => (await import("./import.ts")).importCommand,
  },
  {
    command: "doctor",
    describe: "Examine versions, devices, disks, store and cache",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  },
  {
    command: "gc",
    describe: "List what the cache can do without, and delete it when told to",
    load: async () => (await import("./gc.ts")).gcCommand,
  },
  {
    command: "encode",
    describe: "Write the hidden states of texts to a .safetensors file",
    load: async () => (await import("./encode.ts")).encodeCommand,
  },
  {
    command: "models",
    describe: "Look at checkpoints, and download them",
    load: async () => (await import("./models.ts")).modelsCommand,
  },
  {
    command: "data",
    describe: "Bring public data sets here",
    load: async () => (await import("./data.ts")).dataCommand,
  },
  {
    command: "demo",
    describe: "Run the small grid that ships with the project, in under a minute",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
  {
    command: "worker",
    describe: false,
    load: async () => (await import("./worker.ts")).workerCommand,
  },
];

/** The name of a command without its arguments. */
export function nameOf({ command }: Pick<Command, "command">): string {
  return command.split(" ", 1)[0] ?? "";
}
