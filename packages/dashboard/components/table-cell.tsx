/** @file One value of the table, as its column reads. */

import { type ColumnName, columns } from "@/lib/columns";
import { formatCount, formatDuration, formatGain, formatScore, formatTime } from "@/lib/format";
import { State } from "./ui/badge";

/** Always text: values come from files of strangers. */
export function TableCell({ name, value }: { name: ColumnName; value: string | number | null }) {
  if (value === null || value === "" || value === "[]")
    return <span className="text-faint">–</span>;
  const { kind } = columns[name];
  if (kind === "score") return formatScore(Number(value), 4);
  if (kind === "gain") return formatGain(Number(value));
  if (kind === "count") return formatCount(Number(value));
  if (kind === "seconds") return formatDuration(Number(value));
  if (kind === "time") return formatTime(Number(value));
  if (kind === "state") return <State name={String(value)} />;
  if (kind === "id") return <code className="font-mono text-[12px] text-soft">{value}</code>;
  if (name === "flags") return flagsOf(String(value));
  return <span title={String(value)}>{value}</span>;
}

function flagsOf(json: string): string {
  try {
    const flags: unknown = JSON.parse(json);
    return Array.isArray(flags) ? flags.join(", ") : json;
  } catch {
    return json;
  }
}
