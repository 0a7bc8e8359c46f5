/** @file Calls Slurm's own programs: without a shell, with a time limit, and with their complaints as errors. */

import { execFile } from "node:child_process";
import { ExperimentError } from "../errors.ts";

const patience = 60_000; // milliseconds; a busy controller answers late

type Options = {
  /** Folder the program is started in. */
  readonly cwd?: string;
  /** Added to the environment: how values reach a job without passing a shell. */
  readonly env?: Readonly<Record<string, string>>;
};

/** What a program of Slurm answered. */
export type Answer = { readonly code: number; readonly out: string; readonly complaint: string };

export type SlurmProgram = "sbatch" | "squeue" | "sacct" | "scontrol" | "sacctmgr";

/** Runs a program to its end. Only a program that is not there is an error of ours. */
export async function callSlurm(
  program: SlurmProgram,
  args: readonly string[],
  { cwd, env }: Options = {},
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const options = {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, LC_ALL: "C", ...env },
      timeout: patience,
      maxBuffer: 256 * 2 ** 20,
    };
    execFile(program, [...args], options, (error, out, errors) => {
      if (error && "code" in error && error.code === "ENOENT") {
        reject(new ExperimentError(`slurm: expected ${program} on the PATH, found none`));
        return;
      }
      const late = error?.killed === true ? `${program} timed out` : "";
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, out, complaint: errors.trim() || late });
    });
  });
}

/** True of complaints that a later call may not meet. */
export function isTransient(complaint: string): boolean {
  return /timed out|unable to contact|connect failure|try again|temporar|zero bytes|connection refused|not responding/i.test(
    complaint,
  );
}

/** True when the queue takes no more jobs of this user for now. */
export function isFull(complaint: string): boolean {
  return /max ?submit|submit ?limit|submit job limit|accounting\/QOS policy/i.test(complaint);
}
