/**
 * Regular expressions of routes, matched in linear time: RE2's syntax without what few routes use (no named classes, no
 * flags, no lazy quantifiers' difference, which a whole match does not see). A backtracking engine would let a request
 * choose how long it is matched.
 */
import { type Node, parseRegex } from "./regex-syntax.ts";

/** One step of the compiled program. */
type Step =
  | { readonly kind: "characters"; readonly set: (code: number) => boolean }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "jump"; next: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "match" };

const stepsMax = 2_000;

/** A compiled expression. */
export interface LinearRegex {
  /** Whether the whole text matches, as Envoy's `safe_regex` has it. */
  matches(text: string): boolean;
}

/** Compiles an expression; `undefined` when it is malformed, uses what RE2 does not have, or is too large. */
export function compileRegex(source: string): LinearRegex | undefined {
  const tree = parseRegex(source);
  if (tree === undefined) {
    return undefined;
  }
  const program: Step[] = [];
  if (!emit(tree, program)) {
    return undefined;
  }
  program.push({ kind: "match" });
  return { matches: (text) => run(program, text) };
}

/** Appends the steps of a node; false when the program grows too large. */
function emit(node: Node, program: Step[]): boolean {
  if (program.length > stepsMax) {
    return false;
  }
  switch (node.kind) {
    case "characters":
      program.push({ kind: "characters", set: node.set });
      return true;
    case "start":
    case "end":
      program.push({ kind: node.kind });
      return true;
    case "sequence":
      return node.items.every((item) => emit(item, program));
    case "choice":
      return emitChoice(node.items, program);
    case "repeat":
      return emitRepeat(node, program);
  }
}

function emitChoice(items: readonly Node[], program: Step[]): boolean {
  const exits: { kind: "jump"; next: number }[] = [];
  for (const [index, item] of items.entries()) {
    if (index === items.length - 1) {
      if (!emit(item, program)) {
        return false;
      }
      break;
    }
    const split: Step = { kind: "split", next: program.length + 1, other: 0 };
    program.push(split);
    if (!emit(item, program)) {
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

function emitRepeat({ item, min, max }: Extract<Node, { kind: "repeat" }>, program: Step[]): boolean {
  for (let count = 0; count < min; count++) {
    if (!emit(item, program)) {
      return false;
    }
  }
  if (max === Number.POSITIVE_INFINITY) {
    const split: Step = { kind: "split", next: program.length + 1, other: 0 };
    const back = program.length;
    program.push(split);
    if (!emit(item, program)) {
      return false;
    }
    program.push({ kind: "jump", next: back });
    split.other = program.length;
    return true;
  }
  const splits: { kind: "split"; next: number; other: number }[] = [];
  for (let count = min; count < max; count++) {
    const split = { kind: "split" as const, next: program.length + 1, other: 0 };
    splits.push(split);
    program.push(split);
    if (!emit(item, program)) {
      return false;
    }
  }
  for (const split of splits) {
    split.other = program.length;
  }
  return true;
}

/** Thompson's simulation: all positions at once, each at most once per character. */
function run(program: readonly Step[], text: string): boolean {
  /** When a step was last reached: the number of characters read, plus one. */
  const reached = new Uint32Array(program.length);
  let current: number[] = [];
  add(program, 0, 0, text.length, current, reached);
  for (let at = 0; at < text.length; at++) {
    const following: number[] = [];
    const code = text.charCodeAt(at);
    for (const index of current) {
      const step = program[index];
      if (step?.kind === "characters" && step.set(code)) {
        add(program, index + 1, at + 1, text.length, following, reached);
      }
    }
    if (following.length === 0) {
      return false;
    }
    current = following;
  }
  return reached[program.length - 1] === text.length + 1;
}

/** Follows the steps that read nothing. */
function add(
  program: readonly Step[],
  first: number,
  at: number,
  length: number,
  list: number[],
  reached: Uint32Array,
): void {
  const open = [first];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached[index] === at + 1) {
      continue;
    }
    reached[index] = at + 1;
    const step = program[index];
    if (step?.kind === "jump") {
      open.push(step.next);
    } else if (step?.kind === "split") {
      open.push(step.other, step.next);
    } else if ((step?.kind === "start" && at === 0) || (step?.kind === "end" && at === length)) {
      open.push(index + 1);
    } else if (step?.kind === "characters" || step?.kind === "match") {
      list.push(index);
    }
  }
}
