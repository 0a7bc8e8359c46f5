/** @file Reading the loosely typed parts of tokenizer.json, with errors that name the component. */

/** One component of tokenizer.json: a normalizer, pre-tokenizer, model or post-processor. */
export type Component = Readonly<Record<string, unknown>>;

/** A JSON object, or an error that says where one was expected. */
export function asComponent(value: unknown, where: string): Component {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Component;
  }
  throw new Error(`tokenizer: expected ${where} to be an object, got ${show(value)}`);
}

export function asList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`tokenizer: expected ${where} to be a list, got ${show(value)}`);
}

export function asText(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw new Error(`tokenizer: expected ${where} to be a text, got ${show(value)}`);
}

const mostTokens = 1 << 24; // far beyond any vocabulary; keeps numbers and tables small

/** A token number: a whole number from 0. */
export function asId(value: unknown, where: string): number {
  const whole = Number.isInteger(value) ? (value as number) : -1;
  if (whole >= 0 && whole < mostTokens) return whole;
  throw new Error(`tokenizer: expected ${where} to be a token number, got ${show(value)}`);
}

/** The row of a table that a component's `type` names. */
export function rowOf<Row>(
  table: Readonly<Record<string, Row>>,
  component: Component,
  kind: string,
): Row {
  const { type } = component;
  if (typeof type === "string" && Object.hasOwn(table, type)) return table[type] as Row;
  const known = Object.keys(table).join(", ");
  throw new Error(`tokenizer: unknown ${kind} ${show(type)}, expected one of ${known}`);
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
