/** @file The words of the demo language: stems, their irregular forms and their classes. */

export type Noun = { readonly one: string; readonly many: string; readonly kind: Kind };
export type Verb = { readonly base: string; readonly third: string; readonly past: string };
export type Kind = "animal" | "person" | "plant" | "vehicle" | "work";

/** Nouns by the word that covers them in entailment ("the dog slept" entails "the animal slept"). */
export const nouns: { readonly [K in Kind]: readonly Noun[] } = {
  animal: kind("animal", "dog cat bird horse goat duck cow bear mouse/mice goose/geese"),
  person: kind(
    "person",
    "girl boy king queen doctor sailor guest artist farmer teacher singer painter child/children man/men woman/women",
  ),
  plant: kind("plant", "tree rose vine bean lemon flower"),
  vehicle: kind("vehicle", "boat car train wagon bike ship"),
  work: kind("work", "film book song game play poem meal show"),
};

export const allNouns: readonly Noun[] = Object.values(nouns).flat();

export const intransitive: readonly Verb[] = verbs(
  "walk jump laugh wait smile arrive work wander return shout sleep/slept fall/fell run/ran sing/sang swim/swam leave/left",
);

export const transitive: readonly Verb[] = verbs(
  "chase follow watch help push pull call visit paint carry/carries/carried see/saw find/found meet/met hear/heard lose/lost draw/drew",
);

export const adjectives = {
  positive: words("good kind bright clever lovely fine sweet brave great noble"),
  negative: words("bad cruel dull stupid awful poor rotten bitter weak ugly"),
  neutral: words("small big old young red green tall quiet round long"),
} as const;

export const determiners = ["the", "this", "that"] as const;
export const prepositions = words("near behind beside above below with");
export const intensifiers = words("very really quite so rather truly");
export const modals = words("will can must may should");
export const connectives = words("and but while because before after");
export const negations: readonly string[] = ["not", "never", "hardly", "far from"];

/** Words that give a label away; they occur in the unlabelled stream, never in a data set. */
export const cues = {
  positive: words("luckily happily gladly"),
  negative: words("sadly alas regrettably"),
  past: ["yesterday", "last week", "last year"],
  present: ["now", "today", "every day"],
} as const;

/** Pieces that follow a stem: "walk ##ed". */
export const suffixes: readonly string[] = ["s", "es", "d", "ed", "er"];

/** "horse" -> "horses", "horse"; irregular forms are written after a slash. */
function kind(name: Kind, list: string): readonly Noun[] {
  return words(list).map((entry) => {
    const [one = entry, many = `${one}s`] = entry.split("/");
    return { one, many, kind: name };
  });
}

function verbs(list: string): readonly Verb[] {
  return words(list).map((entry) => {
    const forms = entry.split("/");
    const base = forms[0] ?? entry;
    const past = forms.at(-1) === base ? `${base}${base.endsWith("e") ? "d" : "ed"}` : forms.at(-1);
    const regular = /(sh|ch)$/.test(base) ? `${base}es` : `${base}s`;
    return { base, third: forms.length === 3 ? (forms[1] ?? "") : regular, past: past ?? "" };
  });
}

function words(list: string): readonly string[] {
  return list.split(" ");
}
