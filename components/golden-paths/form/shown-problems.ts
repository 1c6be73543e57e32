/** Which problems are said, and when: those of fields that were touched, never those of a row just added. Pure. */
import type { Problems } from "./check-draft.ts";

/** Dotted paths of what differs: single values, and lists that became longer or shorter. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (Object.is(before, after)) {
    return [];
  }
  const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;
  if (!isBranch(before) || !isBranch(after)) {
    return [path];
  }
  const longer = Array.isArray(before) && Array.isArray(after) && before.length !== after.length;
  const changed = longer ? [path] : [];
  for (const [key, value] of Object.entries(after)) {
    if (Object.hasOwn(before, key)) {
      const former = (before as Record<string, unknown>)[key];
      changed.push(...changedPaths(former, value, path === "" ? key : `${path}.${key}`));
    }
  }
  return changed;
}

/** A problem belongs to a touched value: the value itself, what holds it, or an entry of a touched list. */
function isTouched(problem: string, touched: ReadonlySet<string>): boolean {
  if (touched.has(problem) || touched.has(problem.replace(/\.\d+$/, ""))) {
    return true;
  }
  return [...touched].some((path) => path.startsWith(`${problem}.`));
}

/** The problems to say: all of them once the person tried to send. */
export function shownProblems(problems: Problems, touched: ReadonlySet<string>, tried: boolean): Problems {
  return tried ? problems : new Map([...problems].filter(([path]) => isTouched(path, touched)));
}
