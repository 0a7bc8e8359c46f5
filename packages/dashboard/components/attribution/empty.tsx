/** @file Attribution pages without anything to show: why, and what to type. */

import { Command, Empty } from "@/components/empty";
import { Card } from "@/components/ui/card";
import type { Group } from "@/lib/queries/attribution-groups";

/** A store without attributions. */
export function NothingExplained() {
  return (
    <Empty title="No text has been explained yet">
      <p>
        Attribution asks which words of a text decide a model's answer. It needs a fine-tuned model,
        and an experiment of kind "attribute"; this one trains its model first:
      </p>
      <Command>npx probegrid run experiments/word-deletion.ts</Command>
      <p>Texts appear here while it runs; this page notices by itself.</p>
    </Empty>
  );
}

/** Trials exist, none has a row. */
export function NothingYet({ group, command }: { group: Group; command: string | null }) {
  const failed = group.methods.filter(({ state }) => state === "failed").length;
  return (
    <Notice title={failed > 0 ? "These trials failed" : "No text has been explained so far"}>
      <p>
        {failed > 0
          ? "Their messages stand on the Live page. Once the cause is mended, running the experiment again tries them again:"
          : "The first texts appear after a few seconds of a run. One that was stopped goes on when started again:"}
      </p>
      <Command>{`npx ${command ?? "probegrid run <experiment>"}`}</Command>
    </Notice>
  );
}

/** A part of a page that has nothing to show, and what would change that. */
export function Notice({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Card className="space-y-3 px-5 py-4 text-[13px] text-soft">
      <h2 className="text-[15px] font-semibold tracking-tight text-ink">{title}</h2>
      {children}
    </Card>
  );
}
