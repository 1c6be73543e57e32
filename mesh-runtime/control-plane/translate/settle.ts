/**
 * Takes over from a former value whatever is equal in a new one, so that what did not change stays the same object and
 * need not be encoded, sent or compared again. Looks one level into lists of an object's fields.
 */
export function settle<T extends object>(former: T | undefined, next: T): T {
  if (former === undefined) {
    return next;
  }
  let same = true;
  const settled = { ...next };
  for (const key of Object.keys(next) as (keyof T)[]) {
    const value = settleValue(former[key], next[key]) as T[keyof T];
    settled[key] = value;
    same &&= value === former[key];
  }
  return same ? former : settled;
}

function settleValue(former: unknown, next: unknown): unknown {
  if (!Array.isArray(former) || !Array.isArray(next)) {
    return isEqual(former, next) ? former : next;
  }
  const settled = next.map((item, index) => (isEqual(former[index], item) ? former[index] : item));
  return former.length === settled.length && settled.every((item, index) => item === former[index]) ? former : settled;
}

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
