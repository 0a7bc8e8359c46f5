/** @file How a report looks, by day and by night, on screens and on paper. */

import { html } from "./html.ts";

export const style = html`<style>
:root { color-scheme: light dark; --line: #8884; --soft: #6b7280; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; }
.question { font-size: 1.15rem; margin-top: 0.25rem; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { text-align: left; padding: 0.2rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
caption { text-align: left; color: var(--soft); padding: 0.3rem 0; }
.number, .heat td { text-align: right; font-variant-numeric: tabular-nums; }
.wide, figure { overflow-x: auto; } .wide td, .wide th { white-space: nowrap; }
.wide td.long { white-space: normal; min-width: 14rem; }
.prose { overflow-wrap: anywhere; } .soft { color: var(--soft); font-size: 0.85rem; margin: 0; }
figure { margin: 1rem 0; } svg { width: 100%; min-width: 36rem; height: auto; } svg text { font-size: 11px; fill: currentColor; }
.grid { stroke: var(--line); } .baseline { stroke: currentColor; stroke-dasharray: 5 4; }
figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 0.8rem; }
figcaption i { display: inline-block; width: 1.2em; height: 0.25em; margin-right: 0.4em; vertical-align: middle; }
figcaption .dash { border-top: 2px dashed currentColor; height: 0; }
summary { cursor: pointer; margin-top: 2rem; }
@media print { details { display: none; } }
</style>`;
