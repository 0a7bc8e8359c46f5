/** @file The script of every array: the same text for every experiment. Values come in the environment, never in the text. */

/** `exec` puts our program in the shell's place, so that the warning before the time limit reaches it. */
export const jobScript = `#!/bin/bash
exec "$PROBEGRID_NODE" "$PROBEGRID_PROGRAM" worker \\
  --submission "$PROBEGRID_SUBMISSION" \\
  --task "$SLURM_ARRAY_TASK_ID" \\
  --job "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}" \\
  --restarts "\${SLURM_RESTART_COUNT:-0}" \\
  --workers "\${SLURM_CPUS_PER_TASK:-1}"
`;

/** Name of the script in the folder of a sweep. */
export const jobScriptName = "job.sh";
