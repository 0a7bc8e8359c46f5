/** @file What the table of data sets says about each: where it lives, its licence, and how a record becomes a row. */

/** A record as its file writes it. */
export type SourceRecord = Readonly<Record<string, unknown>>;

export type Part = "train" | "validation" | "test";

/** A row in the common form, before its part is known. A label that is a number indexes `labels` or is a score. */
export type SourceRow = {
  readonly text: string;
  readonly textPair?: string;
  readonly label: number | string;
};

/** Files of one of the hub's data sets, by split, in the order that rows are written. */
export type HubSource = {
  readonly kind: "hub";
  readonly id: string;
  readonly config: string | null;
  readonly splits: readonly (readonly [split: string, part: Part | null])[];
};

/** Layouts of files that lie elsewhere. */
export type UrlFormat = "csv" | "lines" | "labelled" | "senteval";

export type UrlSource = {
  readonly kind: "url";
  readonly files: readonly {
    readonly url: string;
    /** Which file of a .tar or .tar.gz is meant. */
    readonly member?: string;
    readonly part: Part | null;
    readonly format: UrlFormat;
    readonly encoding?: "utf-8" | "latin-1";
    /** Added to every record, where the file itself is the label. */
    readonly add?: SourceRecord;
  }[];
};

export type DataSource = {
  readonly title: string;
  readonly topic: string;
  readonly task: "classification" | "regression";
  /** Names of the classes in order, or of the two ends of a scale; null: labels are names. */
  readonly labels: readonly string[] | null;
  readonly home: string;
  /** As its home states it; null: what the hub's card says. */
  readonly licence: string | null;
  /** Rows that are known to be there; null where that is not published. */
  readonly rows: number | null;
  readonly from: HubSource | UrlSource;
  /** A record as a row; null leaves it out. */
  readonly row: (record: SourceRecord) => SourceRow | null;
};
