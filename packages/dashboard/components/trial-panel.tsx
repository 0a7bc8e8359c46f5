/** @file The trial that was clicked, beside the table; Escape closes it. */

"use client";

import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import type { TrialReport } from "@/lib/trial-report";
import { TrialTitle } from "./trial-title";
import { TrialView } from "./trial-view";
import { Button, buttonLook } from "./ui/button";
import { useView } from "./view-context";

type Answer = { readonly id: string; readonly report: TrialReport | null };

/** Slides in at the right while the link names a trial. */
export function TrialPanel() {
  const { view, open } = useView();
  const id = view.trial;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (id === null) return;
    let current = true;
    const load = async () => {
      const response = await fetch(`/api/trials/${encodeURIComponent(id)}`).catch(() => null);
      const report = response?.ok === true ? ((await response.json()) as TrialReport) : null;
      if (current) setAnswer({ id, report });
    };
    void load();
    panel.current?.focus();
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape") open(null);
    };
    addEventListener("keydown", close);
    return () => {
      current = false;
      removeEventListener("keydown", close);
    };
  }, [id, open]);
  if (id === null) return null;
  const report = answer?.id === id ? answer.report : undefined;
  return (
    <section
      ref={panel}
      tabIndex={-1}
      aria-label="Trial"
      className="fixed inset-y-0 right-0 z-40 w-full max-w-[45rem] overflow-y-auto border-l bg-page px-5 pb-8 shadow-2xl outline-none"
    >
      <header className="sticky top-0 z-10 -mx-5 flex items-start gap-3 border-b bg-page/95 px-5 py-3 backdrop-blur">
        <div className="min-w-0 flex-1">
          {report ? (
            <TrialTitle facts={report.facts} level="h2" />
          ) : (
            <p className="py-2 text-soft">
              {report === null ? "The store has no such trial." : "Reading…"}
            </p>
          )}
        </div>
        <Link href={`/trials/${id}`} prefetch={false} className={buttonLook({ size: "small" })}>
          Open
        </Link>
        <Button size="small" onClick={() => open(null)} aria-label="Close the trial">
          ✕
        </Button>
      </header>
      <div className="pt-4">{report && <TrialView report={report} narrow />}</div>
    </section>
  );
}
