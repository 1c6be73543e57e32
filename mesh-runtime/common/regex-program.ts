import type { Node, Regex } from "./regex-syntax.ts";

/** One step of a compiled expression (Thompson's construction). Of a split, `next` is preferred. */
export type Step =
  | { readonly kind: "characters"; readonly set: (code: number) => boolean }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "jump"; next: number }
  /** Notes the position: begin and end of group n are slots 2n and 2n + 1. */
  | { readonly kind: "save"; readonly slot: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "match" };

const stepsMax = 2_000;

/** Compiles an expression, with the positions of groups if asked for; `undefined` when the program grows too large. */
export function compileProgram({ tree, ignoreCase }: Regex, captures: boolean): readonly Step[] | undefined {
  const compiler = new Compiler(ignoreCase, captures);
  return compiler.emit(tree) ? [...compiler.program, { kind: "match" }] : undefined;
}

class Compiler {
  readonly program: Step[] = [];
  readonly #ignoreCase: boolean;
  readonly #captures: boolean;

  constructor(ignoreCase: boolean, captures: boolean) {
    this.#ignoreCase = ignoreCase;
    this.#captures = captures;
  }

  /** Appends the steps of a node; false when there are too many. */
  emit(node: Node): boolean {
    if (this.program.length > stepsMax) {
      return false;
    }
    switch (node.kind) {
      case "characters":
        this.program.push({ kind: "characters", set: this.#members(node) });
        return true;
      case "start":
      case "end":
        this.program.push({ kind: node.kind });
        return true;
      case "sequence":
        return node.items.every((item) => this.emit(item));
      case "choice":
        return this.#choice(node.items);
      case "repeat":
        return this.#repeat(node);
      case "group":
        return this.#group(node.item, node.index);
    }
  }

  #members({ set, negated = false }: Extract<Node, { kind: "characters" }>): (code: number) => boolean {
    const either = this.#ignoreCase ? eitherCase(set) : set;
    return negated ? (code) => !either(code) : either;
  }

  #group(item: Node, index: number): boolean {
    if (!this.#captures) {
      return this.emit(item);
    }
    this.program.push({ kind: "save", slot: index * 2 });
    const emitted = this.emit(item);
    this.program.push({ kind: "save", slot: index * 2 + 1 });
    return emitted;
  }

  #choice(items: readonly Node[]): boolean {
    const { program } = this;
    const exits: { kind: "jump"; next: number }[] = [];
    for (const [index, item] of items.entries()) {
      if (index === items.length - 1) {
        if (!this.emit(item)) {
          return false;
        }
        break;
      }
      const split: Step = { kind: "split", next: program.length + 1, other: 0 };
      program.push(split);
      if (!this.emit(item)) {
        return false;
      }
      const exit = { kind: "jump" as const, next: 0 };
      program.push(exit);
      exits.push(exit);
      split.other = program.length;
    }
    for (const exit of exits) {
      exit.next = program.length;
    }
    return true;
  }

  #repeat({ item, min, max, lazy }: Extract<Node, { kind: "repeat" }>): boolean {
    const { program } = this;
    for (let count = 0; count < min; count++) {
      if (!this.emit(item)) {
        return false;
      }
    }
    const unbounded = max === Number.POSITIVE_INFINITY;
    const splits: { kind: "split"; next: number; other: number }[] = [];
    const begin = program.length;
    for (let count = min; count < (unbounded ? min + 1 : max); count++) {
      const split = { kind: "split" as const, next: program.length + 1, other: 0 };
      splits.push(split);
      program.push(split);
      if (!this.emit(item)) {
        return false;
      }
    }
    if (unbounded) {
      program.push({ kind: "jump", next: begin });
    }
    for (const split of splits) {
      split.other = program.length;
      if (lazy) {
        [split.next, split.other] = [split.other, split.next];
      }
    }
    return true;
  }
}

const eitherCase = (set: (code: number) => boolean) => (code: number) => set(code) || set(otherCase(code));

/** Of ASCII letters alone. */
const otherCase = (code: number): number => {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? code ^ 0x20 : code;
};
