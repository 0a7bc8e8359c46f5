/** @file slurm.conf of the cluster for tests: virtual nodes of this machine, short patience, two partitions. */

import { hostname, userInfo } from "node:os";

type Settings = {
  readonly names: readonly string[];
  readonly port: number;
  readonly maxArraySize: number;
  /** Lines about authentication and accounts. */
  readonly extra: readonly string[];
};

/** What every daemon and client of the cluster reads. */
export function configurationText(
  folder: string,
  { names, port, maxArraySize, extra }: Settings,
): string {
  const host = hostname().split(".")[0];
  const user = userInfo().username;
  return `${[
    "ClusterName=probegrid",
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${port}`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    ...extra,
    "MailProg=/bin/true",
    `StateSaveLocation=${folder}/state`,
    `SlurmctldPidFile=${folder}/pid/slurmctld`,
    `SlurmctldLogFile=${folder}/log/slurmctld`,
    `SlurmdPidFile=${folder}/pid/slurmd-%n`,
    `SlurmdLogFile=${folder}/log/slurmd-%n`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    "SlurmdParameters=config_overrides",
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "JobAcctGatherType=jobacct_gather/none",
    "SwitchType=switch/none",
    "MpiDefault=none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU",
    "SchedulerType=sched/backfill",
    "SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0",
    "ReturnToService=2",
    "JobRequeue=1",
    `MaxArraySize=${maxArraySize}`,
    "MaxJobCount=5000",
    "KillWait=2",
    "SlurmctldTimeout=30",
    "SlurmdTimeout=5",
    "MessageTimeout=10",
    ...names.map(
      (name, i) =>
        `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port + i + 1} CPUs=2 RealMemory=4000 State=UNKNOWN`,
    ),
    "PreemptType=preempt/partition_prio",
    "PreemptMode=REQUEUE",
    `PartitionName=test Nodes=${names.join(",")} Default=YES MaxTime=INFINITE State=UP PriorityTier=1`,
    `PartitionName=first Nodes=${names.join(",")} MaxTime=INFINITE State=UP PriorityTier=10`,
  ].join("\n")}\n`;
}
