import { expect, test } from "vitest";
import { csvLine } from "./csv.ts";
import { plainText, shortText, textWidth } from "./plain-text.ts";
import { tableLines } from "./table.ts";

type Row = { readonly name: string; readonly value: number | null };
const columns = [
  { title: "name", cell: ({ name }: Row) => name },
  {
    title: "value",
    right: true,
    cell: ({ value }: Row) => (value === null ? null : value.toFixed(1)),
  },
];

test("lines columns up, numbers to the right, a dash where there is nothing", () => {
  const rows = [
    { name: "a", value: 10 },
    { name: "longer", value: 7.25 },
    { name: "日本", value: null },
  ];
  expect([...tableLines(columns, rows)]).toEqual([
    "name    value",
    "──────  ─────",
    "a        10.0",
    "longer    7.3",
    "日本        –",
  ]);
});

test("prints nothing for no rows, and every row of many", () => {
  expect([...tableLines(columns, [])]).toEqual([]);
  const many = Array.from({ length: 2500 }, (_, i) => ({ name: `${i}`, value: i }));
  const lines = [...tableLines(columns, many)];
  expect(lines).toHaveLength(2502);
  expect(lines.at(-1)).toBe("2499  2499.0");
});

test("shortens a long name in its middle, to so many columns", () => {
  expect(shortText("short", 12)).toBe("short");
  expect(shortText("abcdefghijklmnopqrstuvwxyz", 12)).toBe("abcdefgh…xyz");
  expect(shortText("日本語日本語日本語", 12)).toBe("日本語日…語");
  expect(shortText(`${"ż".repeat(300)}1`, 12)).toBe(`${"ż".repeat(8)}…żż1`);
});

test("a label can not move the cursor, ring, hide or reorder text", () => {
  expect(plainText("\u001b[31mred\u001b[0m\u0007")).toBe("red");
  expect(plainText("\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b")).toBe("ab");
  expect(plainText("two\r\nlines\tand\u0000 \u202egnp.exe\u200b")).toBe("two lines and gnp.exe");
  expect(plainText("\u009b31mred")).toBe("31mred");
});

test("wide characters take two columns and accents none", () => {
  expect([textWidth("abc"), textWidth("日本"), textWidth("e\u0301"), textWidth("😀")]).toEqual([
    3, 4, 1, 2,
  ]);
});

test("text that a spreadsheet would run is neutralised, numbers are not touched", () => {
  expect(csvLine(["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\r@y"])).toBe(
    "'=1+1,'+1,'-1,'@x,' =1,'  =1,' @y",
  );
  expect(csvLine([-1.5, 0.1, null, "plain text", "9,10"])).toBe('-1.5,0.1,,plain text,"9,10"');
  expect(csvLine(['say "hi"', "two\nlines", "\u001b[31mred"])).toBe('"say ""hi""",two lines,red');
});
