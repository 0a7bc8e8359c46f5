/** @file Numbers, times and durations as people read them; the same on every page and in every export. */

/** A score: three decimals, a real minus sign. */
export function formatScore(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return "–";
  return value
    .toFixed(digits)
    .replace(/^-(?=[0.]+$)/, "") // what rounds to nothing has no sign
    .replace("-", "−");
}

/** An interval as a range, empty where one fold gives none. */
export function formatInterval({ low, high }: { low: number | null; high: number | null }): string {
  return low === null || high === null ? "" : `${formatScore(low)} to ${formatScore(high)}`;
}

/** A p value: three decimals, "< 0.001" below them. */
export function formatP(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** A signed difference of scores; what rounds to nothing has no sign. */
export function formatGain(value: number): string {
  const size = Math.abs(value).toFixed(3);
  return Number(size) === 0 ? size : `${value > 0 ? "+" : "−"}${size}`;
}

/** A whole number with thin separators: 12 345. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return Math.round(value).toLocaleString("en-US");
}

/** Parameters of a model: 22.7 M. */
export function formatMillions(value: number): string {
  if (value >= 1e9) return `${trimmed(value / 1e9)} B`;
  if (value >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)} k`;
  return String(value);
}

/** Bytes in the unit that fits. */
export function formatBytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${trimmed(value / 1000 ** power)} ${units[power]}`;
}

/** A stretch of time: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${seconds.toFixed(seconds < 0.1 ? 3 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** A moment in the machine's time zone: 2026-11-21 06:43. */
export function formatTime(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return "–";
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment that is so many seconds after another, with its day only where that is another one: "06:43". */
export function formatMomentAfter(milliseconds: number, seconds: number): string {
  const moment = formatTime(milliseconds + 1000 * seconds);
  const today = formatTime(milliseconds).slice(0, 10);
  return moment.startsWith(today) ? moment.slice(11) : moment;
}

/** One word or many: "1 trial", "12 trials". */
export function counted(value: number, word: string): string {
  return `${formatCount(value)} ${word}${value === 1 ? "" : "s"}`;
}

const abbreviations: Readonly<Record<string, string>> = {
  auc: "AUC",
  f1: "F1",
  r2: "R²",
  mse: "MSE",
  matthews: "Matthews",
};

/** Names of metrics as headings: "balancedAccuracy" reads "balanced accuracy", "macroF1" "macro F1", "f1 cats" (of a class) "F1 of cats". */
export function metricLabel(metric: string): string {
  const known = Object.hasOwn(abbreviations, metric) ? abbreviations[metric] : undefined;
  if (known !== undefined) return known;
  if (metric.startsWith("f1 ")) return `F1 of ${metric.slice(3)}`;
  return metric
    .replaceAll("_", " ")
    .replace(/(?<=[a-z])[A-Z](?=[a-z])/g, (capital) => ` ${capital.toLowerCase()}`)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}

/** A metric as the start of a title: "Macro F1". */
export function metricTitle(metric: string): string {
  const label = metricLabel(metric);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function trimmed(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
}
