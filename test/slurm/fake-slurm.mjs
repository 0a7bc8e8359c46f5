/** @file Stands in for sbatch, squeue, sacct and scontrol: jobs are files, and each call may be told to go wrong. */

import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const [folder = "", program = "", ...args] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const write = (name, value) => {
  const whole = join(folder, `${process.pid}.part`); // others read while we write
  writeFileSync(whole, JSON.stringify(value));
  renameSync(whole, join(folder, name));
};
const option = (name) => args.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);

appendFileSync(
  join(folder, "calls.jsonl"),
  `${JSON.stringify({
    program,
    args,
    folder: process.cwd(),
    submission: process.env.PROBEGRID_SUBMISSION ?? null,
  })}\n`,
);
const settings = read("settings.json");
const [trouble, ...later] = settings.troubles[program] ?? [];
if (trouble)
  write("settings.json", { ...settings, troubles: { ...settings.troubles, [program]: later } });

function jobs() {
  return readdirSync(join(folder, "jobs")).map((name) => read(join("jobs", name)));
}

function submit() {
  const id = jobs().length + 1;
  const [first, last] = option("array").split(/[-%]/);
  if (Number(last) >= settings.maxArraySize) {
    return leave(
      1,
      "",
      "sbatch: error: Batch job submission failed: Invalid job array specification",
    );
  }
  const tasks = {};
  for (let i = Number(first); i <= Number(last); i++)
    tasks[i] = { state: "PENDING", node: "", reason: "None" };
  write(join("jobs", `${id}.json`), {
    ...{ id, args, tasks },
    name: option("job-name"),
    submission: process.env.PROBEGRID_SUBMISSION,
    script: readFileSync(args.at(-1), "utf8"),
  });
  return trouble ? undefined : leave(0, `${id};cluster`);
}

function list() {
  const open = (state) => ["PENDING", "RUNNING"].includes(state);
  if (option("name") === undefined) {
    const states = jobs().flatMap(({ tasks }) => Object.values(tasks).map(({ state }) => state));
    return leave(0, states.filter(open).join("\n"));
  }
  const names = new Set(option("name").split(","));
  const lines = [];
  for (const job of jobs().filter(({ name }) => names.has(name))) {
    const { id, name, tasks } = job;
    if (option("format") === "%F") {
      lines.push(String(id));
      continue;
    }
    for (const [index, { state, node, reason }] of Object.entries(tasks))
      if (state !== "FORGOTTEN") lines.push([name, index, state, node, reason].join("|"));
    const moved = Object.entries(tasks).filter(([, { next }]) => next?.length);
    if (moved.length === 0) continue;
    const later = moved.map(([index, task]) => {
      const [state, ...next] = task.next;
      return [index, { ...task, state, next }];
    });
    write(join("jobs", `${id}.json`), {
      ...job,
      tasks: { ...tasks, ...Object.fromEntries(later) },
    });
  }
  leave(0, lines.join("\n"));
}

function leave(code, out = "", complaint = "") {
  process.stdout.write(out === "" ? "" : `${out}\n`);
  process.stderr.write(complaint === "" ? "" : `${complaint}\n`);
  process.exitCode = code;
}

if (program === "sbatch" && (!trouble || trouble.submitted)) submit();
if (trouble?.empty) leave(0);
else if (trouble) leave(1, "", trouble.complaint);
else if (program === "squeue") list();
else if (program === "sacctmgr") {
  if (settings.maxSubmit === undefined)
    leave(1, "", "sacctmgr: error: Slurm accounting storage is disabled");
  else leave(0, args.includes("qos") ? "" : `\n${settings.maxSubmit}\n`);
} else if (program === "scontrol") leave(0, `MaxArraySize            = ${settings.maxArraySize}`);
else if (program === "sacct") {
  if (existsSync(join(folder, "sacct.txt")))
    leave(0, readFileSync(join(folder, "sacct.txt"), "utf8"));
  else leave(1, "", "Slurm accounting storage is disabled");
}
