/** @file What the colours mean. */

type Props = { readonly target: string; readonly signed: boolean };

/** A bar from against to for, with its ends in words. */
export function Legend({ target, signed }: Props) {
  const bar = signed
    ? "linear-gradient(to right, var(--against), transparent, var(--for))"
    : "linear-gradient(to right, transparent, var(--for))";
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className={signed ? "underline decoration-dotted underline-offset-4" : ""}>
        {signed ? "against" : "little"}
      </span>
      <span aria-hidden className="h-2.5 w-36 rounded-sm border" style={{ backgroundImage: bar }} />
      <span>
        {signed ? "for " : "much, for "}
        <bdi className="font-medium text-ink">{target}</bdi>
      </span>
      <span className="text-faint">
        Each method is scaled by its largest score among the words of this text; special tokens are
        grey. Methods without negative scores only rank.
      </span>
    </div>
  );
}
