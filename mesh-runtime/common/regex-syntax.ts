/** The syntax tree of a regular expression. */
export type Node =
  /** `negated`: any character but those of the set. */
  | { readonly kind: "characters"; readonly set: (code: number) => boolean; readonly negated?: boolean }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly item: Node; readonly min: number; readonly max: number; readonly lazy: boolean }
  /** A capturing group, counted from 1. */
  | { readonly kind: "group"; readonly item: Node; readonly index: number };

/** A parsed expression. */
export interface Regex {
  readonly tree: Node;
  /** Capturing groups. */
  readonly groups: number;
  /** `(?i)` at its start. */
  readonly ignoreCase: boolean;
}

/** Gateway API allows values of 1024 characters. */
const sourceMax = 1_024;
const depthMax = 32;
/** RE2's limit for counted repetitions. */
const repeatMax = 1_000;

class Malformed extends Error {}

/** Parses an expression; `undefined` when it is malformed, too long, or uses what RE2 does not have. */
export function parseRegex(source: string): Regex | undefined {
  if (source.length > sourceMax) {
    return undefined;
  }
  const ignoreCase = source.startsWith("(?i)");
  try {
    const parser = new Parser(ignoreCase ? source.slice(4) : source);
    const tree = parser.choice(0);
    parser.expectEnd();
    return { tree, groups: parser.groups, ignoreCase };
  } catch (error) {
    if (error instanceof Malformed) {
      return undefined;
    }
    throw error;
  }
}

const within = (from: string, to: string) => (code: number) => code >= from.charCodeAt(0) && code <= to.charCodeAt(0);
const digit = within("0", "9");
const lower = within("a", "z");
const upper = within("A", "Z");
const word = (code: number): boolean => digit(code) || lower(code) || upper(code) || code === 0x5f;
const space = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

const classes: Readonly<Record<string, (code: number) => boolean>> = {
  d: digit,
  D: (code) => !digit(code),
  w: word,
  W: (code) => !word(code),
  s: space,
  S: (code) => !space(code),
};

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

class Parser {
  readonly #source: string;
  #at = 0;
  #groups = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get groups(): number {
    return this.#groups;
  }

  expectEnd(): void {
    if (this.#at < this.#source.length) {
      throw new Malformed();
    }
  }

  choice(depth: number): Node {
    if (depth > depthMax) {
      throw new Malformed();
    }
    const items = [this.#sequence(depth)];
    while (this.#take("|")) {
      items.push(this.#sequence(depth));
    }
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: "choice", items };
  }

  #sequence(depth: number): Node {
    const items: Node[] = [];
    while (this.#at < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      items.push(this.#repeated(depth));
    }
    return { kind: "sequence", items };
  }

  #repeated(depth: number): Node {
    const item = this.#atom(depth);
    const bounds = this.#bounds();
    if (bounds === undefined) {
      return item;
    }
    const lazy = this.#take("?");
    // A second quantifier is malformed in RE2.
    if (this.#bounds() !== undefined) {
      throw new Malformed();
    }
    return { kind: "repeat", item, ...bounds, lazy };
  }

  #bounds(): { min: number; max: number } | undefined {
    if (this.#take("*")) {
      return { min: 0, max: Number.POSITIVE_INFINITY };
    }
    if (this.#take("+")) {
      return { min: 1, max: Number.POSITIVE_INFINITY };
    }
    if (this.#take("?")) {
      return { min: 0, max: 1 };
    }
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (counted === null) {
      return undefined;
    }
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === "" ? Number.POSITIVE_INFINITY : Number(counted[3]);
    if (min > repeatMax || max < min || (max !== Number.POSITIVE_INFINITY && max > repeatMax)) {
      throw new Malformed();
    }
    return { min, max };
  }

  #atom(depth: number): Node {
    const character = this.#next();
    switch (character) {
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case ".":
        return { kind: "characters", set: (code) => code !== 0x0a };
      case "[":
        return { kind: "characters", ...this.#set() };
      case "(":
        return this.#group(depth);
      case "*":
      case "+":
      case "?":
      case ")":
        throw new Malformed();
      case "\\":
        return { kind: "characters", set: this.#escaped() };
      default:
        return { kind: "characters", set: same(character.charCodeAt(0)) };
    }
  }

  #group(depth: number): Node {
    const captures = !this.#take("?");
    if (!captures && !this.#take(":")) {
      // Look-around, named groups and flags.
      throw new Malformed();
    }
    const index = captures ? ++this.#groups : 0;
    const item = this.choice(depth + 1);
    if (!this.#take(")")) {
      throw new Malformed();
    }
    return captures ? { kind: "group", item, index } : item;
  }

  #escaped(): (code: number) => boolean {
    const character = this.#next();
    const named = classes[character];
    if (named !== undefined) {
      return named;
    }
    return same(this.#escapedCode(character));
  }

  /** Letters and digits with a backslash mean something (or nothing) in RE2: only the known ones are taken. */
  #escapedCode(character: string): number {
    const control = controls[character];
    if (control !== undefined) {
      return control;
    }
    if (/[A-Za-z0-9]/.test(character)) {
      throw new Malformed();
    }
    return character.charCodeAt(0);
  }

  #set(): { set: (code: number) => boolean; negated: boolean } {
    const negated = this.#take("^");
    const tests: ((code: number) => boolean)[] = [];
    let first = true;
    while (first || this.#peek() !== "]") {
      first = false;
      const character = this.#next();
      if (character === "\\" && classes[this.#peek()] !== undefined) {
        tests.push(this.#escaped());
        continue;
      }
      const from = character === "\\" ? this.#escapedCode(this.#next()) : character.charCodeAt(0);
      if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#next();
        const end = this.#next();
        const to = end === "\\" ? this.#escapedCode(this.#next()) : end.charCodeAt(0);
        if (to < from) {
          throw new Malformed();
        }
        tests.push((code) => code >= from && code <= to);
      } else {
        tests.push(same(from));
      }
    }
    this.#next();
    return { set: (code) => tests.some((test) => test(code)), negated };
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #next(): string {
    const character = this.#source[this.#at];
    if (character === undefined) {
      throw new Malformed();
    }
    this.#at++;
    return character;
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) {
      return false;
    }
    this.#at++;
    return true;
  }
}

const same = (wanted: number) => (code: number) => code === wanted;
