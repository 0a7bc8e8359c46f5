/** @file Every training in one table, best first; and those that ended before their time, with when and why. */

import Link from "next/link";
import { formatCount, formatDuration, formatScore, metricLabel } from "@/lib/format";
import type { Training, Tuning } from "@/lib/tuning";
import { ChartCard } from "../chart-card";
import { State } from "../ui/badge";
import { Card, CardTitle } from "../ui/card";
import { Scroll } from "../ui/scroll";

const cell = "whitespace-nowrap px-3 py-1 first:pl-4 last:pr-4";

/** Trainings with their scores; exports hold the same rows. */
export function TrainingTable({ tuning }: { tuning: Tuning }) {
  const { trainings, watched, task } = tuning;
  const finals = task === "classification" ? ["accuracy", "macroF1"] : ["r2", "mse"];
  const columns = [
    ...["trial", "state", "knobs", `validation ${metricLabel(watched)}`, "at epoch"],
    ...finals.map((metric) => `final ${metricLabel(metric)}`),
    ...["model", "head", "seed", "epochs", "seconds", "checkpoint"],
  ];
  const rows = trainings.map((one) => [
    ...[one.id, stateOf(one), one.knobs, one.best?.value ?? null, one.best?.epoch ?? null],
    ...finals.map((metric) => one.scores[metric] ?? null),
    ...[one.model, one.head, one.seed, one.latest?.epoch ?? 0, one.seconds],
    one.checkpoint,
  ]);
  return (
    <ChartCard
      title="Trainings"
      file="trainings"
      table={{ columns, rows }}
      caption="Best first, by the validation rows. The final scores are those of the saved checkpoint on rows held back, or on the validation rows where none are."
    >
      <Scroll label="Trainings, scrolling" className="max-h-[28rem] overflow-auto">
        <table className="w-full text-[12.5px]">
          <thead className="sticky top-0 bg-card text-left">
            <HeadRow names={columns} />
          </thead>
          <tbody className="numbers">
            {trainings.map((one) => (
              <tr key={one.id} className="border-t">
                <td className={cell}>
                  <Link className="link font-mono" href={`/trials/${one.id}`} prefetch={false}>
                    {one.id}
                  </Link>
                </td>
                <td className={cell}>
                  <State name={stateOf(one)} />
                </td>
                <td className={cell}>{one.knobs || "–"}</td>
                <td className={cell}>{formatScore(one.best?.value, 4)}</td>
                <td className={cell}>{formatScore(one.best?.epoch, 2)}</td>
                {finals.map((metric) => (
                  <td key={metric} className={cell}>
                    {formatScore(one.scores[metric], 4)}
                  </td>
                ))}
                <td className={cell}>{one.model}</td>
                <td className={cell}>{one.head}</td>
                <td className={cell}>{one.seed ?? "–"}</td>
                <td className={cell}>
                  {formatScore(one.latest?.epoch ?? 0, 2)} of {one.maxEpochs}
                </td>
                <td className={cell}>{formatDuration(one.seconds)}</td>
                <td className={`${cell} font-mono`}>{one.checkpoint ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </ChartCard>
  );
}

/** Pruned, diverged and failed trainings: when, at which learning rate, why. */
export function EndedEarly({ trainings }: { trainings: readonly Training[] }) {
  const ended = trainings.filter(({ ending }) => ending !== null);
  if (ended.length === 0) return null;
  const heads = ["trial", "end", "evaluation", "epoch", "update", "learning rate", "why", "knobs"];
  return (
    <Card aria-label="Ended before their time">
      <CardTitle title="Ended before their time" />
      <Scroll label="Ended before their time, scrolling" className="pb-3 pt-1">
        <table className="w-full text-[12.5px]">
          <thead className="text-left">
            <HeadRow names={heads} />
          </thead>
          <tbody className="numbers">
            {ended.map(({ id, ending, knobs }) => (
              <tr key={id} className="border-t border-dashed">
                <td className={cell}>
                  <Link className="link font-mono" href={`/trials/${id}`} prefetch={false}>
                    {id}
                  </Link>
                </td>
                <td className={cell}>
                  <State name={ending?.kind ?? ""} />
                </td>
                <td className={cell}>{formatCount(ending?.evaluation)}</td>
                <td className={cell}>{formatScore(ending?.epoch, 2)}</td>
                <td className={cell}>{formatCount(ending?.step)}</td>
                <td className={cell}>{rate(ending?.learningRate)}</td>
                <td className="min-w-64 px-3 py-1">{ending?.why}</td>
                <td className={cell}>{knobs || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}

function stateOf({ state, ending }: Training): string {
  return ending === null ? state : ending.kind;
}

const rate = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : String(Number(value.toPrecision(4)));

function HeadRow({ names }: { names: readonly string[] }) {
  return (
    <tr>
      {names.map((name) => (
        <th key={name} scope="col" className={`${cell} font-medium text-soft`}>
          {name}
        </th>
      ))}
    </tr>
  );
}
