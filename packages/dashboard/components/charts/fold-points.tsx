/** @file Scores of one trial: every fold a dot, the mean and its interval, the baselines as ticks. */

import { formatInterval, formatScore, metricLabel } from "@/lib/format";
import type { MetricScores } from "@/lib/queries/trial";
import { Scroll } from "../ui/scroll";
import { rangeOf, ticks } from "./ticks";

const [left, right, rowHeight] = [196, 20, 44];
const width = 640;

type Props = { readonly scores: readonly MetricScores[]; readonly title: string };

/** One row per metric, each on the common scale of all. */
export function FoldPoints({ scores, title }: Props) {
  const range = rangeOf(
    scores.flatMap(({ mean, low, high, itemLow, itemHigh, values, baselines }) => [
      ...[mean, low ?? mean, high ?? mean, itemLow ?? mean, itemHigh ?? mean],
      ...values.map(({ value }) => value),
      ...baselines.map(({ value }) => value),
    ]),
  );
  const across = (value: number) =>
    left + ((value - range[0]) / (range[1] - range[0])) * (width - left - right);
  const height = scores.length * rowHeight + 30;
  return (
    <Scroll label={`${title}, scrolling`}>
      <svg
        data-chart
        role="img"
        aria-label="Scores per fold of every metric"
        viewBox={`0 0 ${width} ${height}`}
        className="block h-auto w-full min-w-[520px] max-w-[820px]"
        fontSize="12"
        fill="var(--soft)"
      >
        {ticks(range).map((value) => (
          <g key={value}>
            <line
              x1={across(value)}
              x2={across(value)}
              y1="4"
              y2={height - 24}
              stroke="var(--edge)"
              strokeDasharray="2 4"
            />
            <text x={across(value)} y={height - 8} textAnchor="middle" fontSize="11">
              {formatScore(value, 2)}
            </text>
          </g>
        ))}
        {scores.map((score, row) => {
          const y = row * rowHeight + rowHeight / 2 + 2;
          return (
            <g key={score.metric}>
              <text x={left - 16} y={y - 3} textAnchor="end" fill="var(--ink)">
                {metricLabel(score.metric)}
                <tspan dx="7" fontWeight="600">
                  {formatScore(score.mean)}
                </tspan>
              </text>
              <text x={left - 16} y={y + 13} textAnchor="end" fontSize="11">
                {formatInterval(score)}
              </text>
              {score.baselines.map(({ name, value }) => (
                <line
                  key={name}
                  x1={across(value)}
                  x2={across(value)}
                  y1={y - 11}
                  y2={y + 11}
                  stroke="var(--faint)"
                  strokeWidth="1.5"
                  strokeDasharray="3 2"
                >
                  <title>{`${name}: ${formatScore(value)}`}</title>
                </line>
              ))}
              {score.low !== null && score.high !== null && (
                <line
                  x1={across(score.low)}
                  x2={across(score.high)}
                  y1={y}
                  y2={y}
                  stroke="var(--line-1)"
                  strokeWidth="7"
                  strokeOpacity="0.22"
                  strokeLinecap="round"
                />
              )}
              {score.itemLow !== null && score.itemHigh !== null && (
                <line
                  x1={across(score.itemLow)}
                  x2={across(score.itemHigh)}
                  y1={y + 13}
                  y2={y + 13}
                  stroke="var(--line-2)"
                  strokeWidth="2"
                >
                  <title>{`over items: ${formatScore(score.itemLow)} to ${formatScore(score.itemHigh)}`}</title>
                </line>
              )}
              {score.values.map(({ fold, value }) => (
                <circle
                  key={fold}
                  cx={across(value)}
                  cy={y + ((fold % 3) - 1) * 4}
                  r="3"
                  fill="var(--line-1)"
                  fillOpacity="0.55"
                >
                  <title>{`fold ${fold + 1}: ${formatScore(value, 4)}`}</title>
                </circle>
              ))}
              <line
                x1={across(score.mean)}
                x2={across(score.mean)}
                y1={y - 9}
                y2={y + 9}
                stroke="var(--ink)"
                strokeWidth="2"
              />
            </g>
          );
        })}
      </svg>
    </Scroll>
  );
}
