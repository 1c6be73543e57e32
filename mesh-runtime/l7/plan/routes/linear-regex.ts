/**
 * Regular expressions of routes, matched in linear time: RE2's syntax without what few routes use (no named classes and
 * groups, no flags but `(?i)` at the start). A backtracking engine would let a request choose how long it is matched. Linear may
 * still be long: `regex-meter.ts` ends it.
 */
import { compileProgram, type Step } from "../../../common/regex-program.ts";
import { parseRegex } from "../../../common/regex-syntax.ts";
import { spendSteps } from "./regex-meter.ts";

/** A compiled expression. */
export interface LinearRegex {
  /** Whether the whole text matches, as Envoy's `safe_regex` has it. */
  matches(text: string): boolean;
}

/** Compiles an expression; `undefined` when it is malformed, uses what RE2 does not have, or is too large. */
export function compileRegex(source: string, ignoreCase = false): LinearRegex | undefined {
  const regex = parseRegex(source);
  const program = regex && compileProgram({ ...regex, ignoreCase: regex.ignoreCase || ignoreCase }, false);
  return program && { matches: (text) => run(program, text) };
}

/** Thompson's simulation: all positions at once, each at most once per character. */
function run(program: readonly Step[], text: string): boolean {
  /** When a step was last reached: the number of characters read, plus one. */
  const reached = new Uint32Array(program.length);
  let current: number[] = [];
  let following: number[] = [];
  let steps = add(program, 0, 0, text.length, current, reached);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    for (const index of current) {
      const step = program[index];
      if (step?.kind === "characters" && step.set(code)) {
        steps += add(program, index + 1, at + 1, text.length, following, reached);
      }
    }
    spendSteps(steps + current.length);
    steps = 0;
    if (following.length === 0) {
      return false;
    }
    [current, following] = [following, current];
    following.length = 0;
  }
  return reached[program.length - 1] === text.length + 1;
}

/** Follows the steps that read nothing; how many there were. */
function add(
  program: readonly Step[],
  first: number,
  at: number,
  length: number,
  list: number[],
  reached: Uint32Array,
): number {
  const open = [first];
  let steps = 0;
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached[index] === at + 1) {
      continue;
    }
    reached[index] = at + 1;
    steps++;
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
  return steps;
}
