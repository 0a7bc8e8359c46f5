import { expect, test } from "vitest";
import { claimTrials, failTrial, finishTrials, noteExperiment } from "../store/index.ts";
import { makeExample } from "../store/make-example.ts";
import { html } from "./html.ts";
import { makeReport } from "./report.ts";

const now = new Date("2026-11-21T07:00:00Z");
const evil = `<script>alert(1)</script>"' onload=x`;

function example() {
  const made = makeExample(3);
  const { store, environment } = made;
  for (const [layer, mean] of [0.5, 0.75].entries()) {
    const id = `trial-${layer}`;
    claimTrials(store, [id]);
    const scores = [0, 1, 2].map((fold) => ({ metric: "accuracy", fold, value: mean }));
    finishTrials(store, [{ id, environment, seconds: 1, scores }]);
  }
  claimTrials(store, ["trial-2"]);
  failTrial(store, "trial-2", new Error(evil));
  return made;
}

test("shows the best layer, a curve, a heat map, the failures and every score", () => {
  const { store } = example();
  const text = makeReport(store, { experiment: "layers", now });
  expect(text).toContain("2 of 3 trials done");
  expect(text).toContain("written 2026-11-21 07:00 UTC");
  expect(text).toContain(
    '<td class="number">1 of 2</td><td>accuracy</td><td class="number">0.750</td>',
  );
  expect(text.match(/<circle /g)).toHaveLength(2);
  expect(text).toContain("<title>mean, lda, layer 1: 0.750 (0.750 to 0.750)</title>");
  expect(text).toContain("Every score (2)");
  expect(text).toContain("<h2>Failures</h2>");
});

test("shows every measure of every method where texts were explained", () => {
  const { store, environment } = makeExample(2);
  store.sqlite.exec("update experiments set kind = 'attribute'");
  store.sqlite.exec("update trials set kind = 'attribute', layer = null, layerIndex = null");
  for (const [i, classifier] of ["lrp", "random"].entries()) {
    const id = `trial-${i}`;
    store.sqlite.prepare("update trials set classifier = ? where id = ?").run(classifier, id);
    claimTrials(store, [id]);
    const scores = ["accuracy", "comprehensiveness"].map((metric, m) => ({
      ...{ metric, fold: 0, value: m === 0 ? 0.9 : 0.4 - 0.3 * i },
    }));
    finishTrials(store, [{ id, environment, seconds: 1, scores }]);
  }
  const text = makeReport(store, { experiment: "layers", now });
  expect(text).toContain("<h2>Methods</h2>");
  expect(text).toMatch(/lrp<\/td><td class="number">0.900<\/td><td class="number">0.400<\/td>/);
  expect(text).toMatch(/random<\/td><td class="number">0.900<\/td><td class="number">0.100<\/td>/);
  expect(text).not.toContain("Best layers");
});

test("never lets stored text become markup, and needs neither script nor network", () => {
  const { store } = example();
  noteExperiment(store, "layers", `${evil}\u001b[31mred\u202e`);
  store.sqlite
    .prepare("update datasets set name = ?, labels = ?")
    .run(evil, JSON.stringify([evil]));
  store.sqlite.prepare("update models set name = ?").run(evil);
  store.sqlite.prepare("update trials set classifier = ?, token = ?").run(evil, evil);
  store.sqlite.prepare("update experiments set name = ?, question = ?").run(evil, evil);
  const text = makeReport(store, { experiment: evil, now });
  expect(text).not.toContain("<script");
  expect(text).not.toMatch(/["'] onload/);
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\u202e");
  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x");
  expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(text).not.toMatch(/(src|href)=/);
});

test("says so when nothing is done yet", () => {
  const { store } = makeExample();
  expect(makeReport(store, { experiment: "layers", now })).toContain("No trial is done yet.");
  expect(() => makeReport(store, { experiment: "layer", now })).toThrow('did you mean "layers"');
});

test("escapes all but its own pieces", () => {
  const piece = html`<b>${"a < b & c"}</b>`;
  expect(html`<p title="${'"x"'}">${piece}${[piece, null, false]}${3}</p>`.text).toBe(
    '<p title="&quot;x&quot;"><b>a &lt; b &amp; c</b><b>a &lt; b &amp; c</b>3</p>',
  );
});
