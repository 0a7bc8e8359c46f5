/** @file A text coloured by one method. Every word is text of an element of its own: nothing in it is markup. */

import { cn } from "../ui/cn";
import { formatAmount, largestOf, wordGround } from "./colours";

/** A word or token as it is shown. */
export type ShownUnit = { readonly text: string; readonly special: boolean };

/** A method's scores of the words of a text; null with the reason where it has none. */
export type ShownMethod = {
  readonly label: string;
  /** Options that are not the method's defaults. */
  readonly options: string;
  readonly signed: boolean;
  readonly scores: readonly number[] | null;
  readonly residual: number | null;
  readonly marks: readonly string[];
  readonly error: string | null;
};

type Props = {
  readonly units: readonly ShownUnit[];
  readonly method: ShownMethod;
  /** Place of the method among the explained ones. */
  readonly place: number;
  /** The word that is pointed at. */
  readonly at: number | null;
  readonly numbers: boolean;
};

/** Name and gap at the left, words at the right. */
export function Sentence({ units, method, place, at, numbers }: Props) {
  const { label, options, residual, scores, marks, error } = method;
  const ordinary = (scores ?? []).filter((_, i) => units[i]?.special === false);
  const most = largestOf(ordinary);
  return (
    <section
      aria-label={label}
      className="grid gap-x-4 gap-y-1 py-2.5 sm:grid-cols-[11.5rem_minmax(0,1fr)]"
    >
      <h3 className="text-[13px] font-medium" data-draw="label">
        {label}
        <span className="numbers block text-[11.5px] font-normal text-faint max-sm:ml-2 max-sm:inline">
          {scores !== null && `largest ${formatAmount(most)}`}
          {residual !== null && `, gap ${formatAmount(residual)}`}
          {options !== "" && !label.endsWith(options) && ` ${options}`}
        </span>
      </h3>
      <div className="min-w-0">
        {scores === null ? (
          <p className="text-[13px] text-bad">not explained: {error}</p>
        ) : (
          <p
            className={cn(
              "text-[15px] [overflow-wrap:anywhere]",
              numbers ? "leading-[3.1rem]" : "leading-8",
            )}
            dir="auto"
          >
            {units.map((unit, i) => (
              <Word
                key={i}
                unit={unit}
                score={scores[i] ?? 0}
                most={most}
                id={`${i} ${place}`}
                marked={i === at}
                numbers={numbers}
              />
            ))}
          </p>
        )}
        {marks.map((mark) => (
          <p key={mark} className="text-[12.5px] text-warn">
            {mark}
          </p>
        ))}
      </div>
    </section>
  );
}

type WordProps = {
  readonly unit: ShownUnit;
  readonly score: number;
  readonly most: number;
  readonly id: string;
  readonly marked: boolean;
  readonly numbers: boolean;
};

/** A word: orange ground for, blue ground and a line below against; special tokens stay grey. */
function Word({ unit, score, most, id, marked, numbers }: WordProps) {
  const share = unit.special ? 0 : score / most;
  return (
    <>
      <bdi
        data-word={id}
        data-share={share.toFixed(4)}
        className={cn(
          "relative rounded-[3px] px-[3px] py-[3px]",
          unit.special && "text-[13px] text-faint",
          numbers && !unit.special && "inline-block min-w-12 text-center leading-6",
          share <= -0.005 && "underline decoration-dotted decoration-1 underline-offset-[5px]",
          marked && "outline-2 outline-accent",
        )}
        style={unit.special ? undefined : { backgroundColor: wordGround(share) }}
      >
        {unit.text}
        {numbers && !unit.special && (
          <span
            dir="ltr"
            className="numbers pointer-events-none absolute top-full left-0 w-full text-center text-[10px] leading-[1.1] whitespace-nowrap text-soft"
          >
            {formatAmount(score)}
          </span>
        )}
      </bdi>{" "}
    </>
  );
}
