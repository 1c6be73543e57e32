/**
 * Replacing by a regular expression, each match in time linear in the text (Pike's machine): as Envoy's `regex_rewrite`,
 * which is RE2's `GlobalReplace`, leftmost match first, `\1` to `\9` for groups and `\0` for the whole match.
 */
import { compileProgram, type Step } from "../../../common/regex-program.ts";
import { parseRegex } from "../../../common/regex-syntax.ts";
import { spendSteps } from "./regex-meter.ts";

export type Replace = (text: string) => string;

/** `undefined` when the expression or the substitution cannot be used. */
export function compileReplace(pattern: string, substitution: string): Replace | undefined {
  const regex = parseRegex(pattern);
  const program = regex && compileProgram(regex, true);
  const parts = regex && parseSubstitution(substitution, regex.groups);
  if (program === undefined || parts === undefined) {
    return undefined;
  }
  return (text) => replaceAll(program, parts, text);
}

/** Literal text, and numbers of groups. */
function parseSubstitution(text: string, groups: number): readonly (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  for (const [piece] of text.matchAll(/\\(?:[\s\S]|$)|[^\\]+/g)) {
    if (piece[0] !== "\\") {
      parts.push(piece);
    } else if (/^\\\d$/.test(piece) && Number(piece[1]) <= groups) {
      parts.push(Number(piece[1]));
    } else if (piece === "\\\\") {
      parts.push("\\");
    } else {
      return undefined;
    }
  }
  return parts;
}

function replaceAll(program: readonly Step[], parts: readonly (string | number)[], text: string): string {
  let result = "";
  let at = 0;
  let lastEnd = -1;
  while (at <= text.length) {
    const slots = find(program, text, at);
    if (slots === undefined) {
      break;
    }
    const begin = slots[0] ?? 0;
    const end = slots[1] ?? 0;
    result += text.slice(at, begin);
    if (begin === end && begin === lastEnd) {
      // RE2 takes no empty match right behind another.
      result += text.slice(begin, begin + 1);
      at = begin + 1;
      continue;
    }
    for (const part of parts) {
      result += typeof part === "string" ? part : captured(text, slots, part);
    }
    lastEnd = end;
    if (begin === end) {
      result += text.slice(end, end + 1);
      at = end + 1;
    } else {
      at = end;
    }
  }
  return result + text.slice(at);
}

/** What a group matched; nothing when it had no part in the match. */
const captured = (text: string, slots: readonly (number | undefined)[], group: number): string =>
  text.slice(slots[group * 2] ?? 0, slots[group * 2 + 1] ?? 0);

/** A thread of the simulation: a step and what its groups captured. */
interface Thread {
  readonly index: number;
  readonly slots: readonly (number | undefined)[];
}

/** The leftmost match from `from` on, by preference; slots 0 and 1 are its bounds. */
function find(program: readonly Step[], text: string, from: number): readonly (number | undefined)[] | undefined {
  const reached = new Uint32Array(program.length);
  let current: Thread[] = [];
  let matched: readonly (number | undefined)[] | undefined;
  for (let at = from; at <= text.length; at++) {
    const following: Thread[] = [];
    // Threads with captures cost more than the bare steps of a match.
    spendSteps(4 * (current.length + 1));
    if (matched === undefined) {
      // Behind all threads that began earlier: leftmost wins.
      add(program, { index: 0, slots: [at] }, at, text.length, current, reached, at - from + 1);
    }
    const code = at < text.length ? text.charCodeAt(at) : -1;
    for (const { index, slots } of current) {
      const step = program[index];
      if (step?.kind === "match") {
        matched = withSlot(slots, 1, at);
        break;
      }
      if (step?.kind === "characters" && code !== -1 && step.set(code)) {
        add(program, { index: index + 1, slots }, at + 1, text.length, following, reached, at - from + 2);
      }
    }
    current = following;
    if (matched !== undefined && current.length === 0) {
      break;
    }
  }
  return matched;
}

/** Follows the steps that read nothing, preferred ones first. `round` marks what was reached at this position. */
function add(
  program: readonly Step[],
  first: Thread,
  at: number,
  length: number,
  list: Thread[],
  reached: Uint32Array,
  round: number,
): void {
  const open = [first];
  for (let thread = open.pop(); thread !== undefined; thread = open.pop()) {
    const { index, slots } = thread;
    if (reached[index] === round) {
      continue;
    }
    reached[index] = round;
    const step = program[index];
    switch (step?.kind) {
      case "jump":
        open.push({ index: step.next, slots });
        break;
      case "split":
        open.push({ index: step.other, slots }, { index: step.next, slots });
        break;
      case "save":
        open.push({ index: index + 1, slots: withSlot(slots, step.slot, at) });
        break;
      case "start":
      case "end":
        if (step.kind === "start" ? at === 0 : at === length) {
          open.push({ index: index + 1, slots });
        }
        break;
      default:
        list.push(thread);
    }
  }
}

function withSlot(slots: readonly (number | undefined)[], slot: number, at: number): (number | undefined)[] {
  const copy = [...slots];
  while (copy.length < slot) {
    copy.push(undefined);
  }
  copy[slot] = at;
  return copy;
}
