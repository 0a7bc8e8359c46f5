/** @file What every attribution page starts with: what was explained, the parts, the methods; or how to get there. */

import type { SearchParams } from "nuqs/server";
import { EmptyStore } from "@/components/empty";
import { Freshness } from "@/components/freshness";
import {
  type AttributionPart,
  type AttributionView,
  loadAttributionView,
} from "@/lib/attribution-view";
import { counted } from "@/lib/format";
import {
  chooseGroup,
  fetchGroups,
  fetchLastCommand,
  type Group,
  type MethodTrial,
  shownMethods,
} from "@/lib/queries/attribution-groups";
import { fetchTexts } from "@/lib/queries/attribution-texts";
import { readStore } from "@/lib/read";
import type { Store } from "@/lib/store";
import { NothingExplained, NothingYet } from "./empty";
import { PartTabs } from "./part-tabs";
import { type Choice, MethodSwitch, Pickers } from "./pickers";
import { AttributionProvider } from "./view";

/** What a page is drawn from. */
export type Found = {
  readonly store: Store;
  readonly view: AttributionView;
  readonly group: Group;
  readonly groups: readonly Group[];
  /** Methods that are shown. */
  readonly methods: readonly MethodTrial[];
};

type Props = {
  readonly part: AttributionPart;
  readonly title: string;
  readonly search: Promise<SearchParams>;
  /** Whether methods can be switched on and off there. */
  readonly switchable?: boolean;
  readonly children: (found: Found) => React.ReactNode;
};

/** Header and frame of a page; its content where there is something to show. */
export async function Frame({ part, title, search, switchable = true, children }: Props) {
  const view = await loadAttributionView(search);
  const store = await readStore();
  const groups = store === null ? [] : fetchGroups(store);
  const group = chooseGroup(groups, view);
  const freshness = <Freshness version={store?.generation ?? "none"} />;
  if (store === null || group === undefined) {
    return (
      <main id="main" className="px-4">
        {freshness}
        {store === null ? <EmptyStore missing /> : <NothingExplained />}
      </main>
    );
  }
  const texts = fetchTexts(store, group).size;
  const found = { store, view, group, groups, methods: shownMethods(group, view) };
  const running = group.methods.filter(({ state }) => state !== "done").length;
  return (
    <AttributionProvider>
      {freshness}
      <main id="main" className="mx-auto max-w-[1400px] space-y-4 px-4 py-5 lg:px-6">
        <div className="space-y-2">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Pickers choices={choicesOf(groups, group)} />
            <span className="numbers text-[12.5px] text-soft">
              {counted(texts, "text")}, {counted(group.methods.length, "method")}
              {running > 0 && `, ${running} not finished`}
            </span>
          </div>
        </div>
        <PartTabs part={part} view={view} />
        {texts === 0 ? (
          <NothingYet group={group} command={fetchLastCommand(store, group.methods[0]?.key ?? 0)} />
        ) : (
          <>
            {switchable && <MethodSwitch methods={group.methods.map(({ label }) => label)} />}
            {children(found)}
          </>
        )}
      </main>
    </AttributionProvider>
  );
}

/** Datasets; models of the chosen one; targets of both; settings of all three. */
function choicesOf(groups: readonly Group[], group: Group): readonly Choice[] {
  const names = ["dataset", "model", "target", "setting"] as const;
  return names.flatMap((name, i): readonly Choice[] => {
    const fitting = groups.filter((one) =>
      names.slice(0, i).every((outer) => one[outer] === group[outer]),
    );
    const values = [...new Set(fitting.map((one) => one[name]))];
    if (name === "setting" && values.length < 2) return [];
    return [{ name, label: labels[name], value: group[name], values }];
  });
}

const labels = { dataset: "dataset", model: "model", target: "explained", setting: "with" };
