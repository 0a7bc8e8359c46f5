/** @file `probegrid doctor`: looks at everything a run depends on, and says what to do about each finding. */

import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { plural } from "../format.ts";
import { plainText } from "../plain-text.ts";
import { printLines } from "../print.ts";
import { defineCommand } from "./define-command.ts";
import { cacheOption, storeOption } from "./options.ts";

export const doctorCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({ store: storeOption, cache: cacheOption })
      .example("$0 doctor", "what is wrong, and what to do about it"),
  handler: async ({ store, cache }) => {
    let problems = 0;
    for await (const finding of examine({ store, cache })) {
      if (finding.level === "problem") problems++;
      await printLines(findingLines(finding));
    }
    const end = problems === 0 ? "nothing is wrong" : `${plural(problems, "problem")} found`;
    await printLines(["", end]);
    if (problems > 0) process.exitCode = 1;
  },
});

const marks: Readonly<Record<Finding["level"], string>> = {
  ok: "ok      ",
  note: "note    ",
  problem: "PROBLEM ",
};

function* findingLines({ level, subject, text, advice }: Finding): Generator<string> {
  yield plainText(`${marks[level]} ${subject.padEnd(14)} ${text}`);
  if (advice !== undefined) yield plainText(`${" ".repeat(24)}-> ${advice}`);
}
