/** @file What passes between a job and the runner while it works: news and questions one way, answers and a wish to stop the other. */

export type JobLink<News = never, Question = never, Answer = never> = {
  readonly tell: (news: News) => void;
  readonly ask: (question: Question) => Promise<Answer>;
  /** Aborts when the job shall end soon and keep what it has. */
  readonly signal: AbortSignal;
};

/** A link as it is where nobody looks at what passes. */
export type AnyLink = JobLink<unknown, unknown, unknown>;
