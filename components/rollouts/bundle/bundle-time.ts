/** When each release of a bundle has its turn, and how long all of them take. Pure. */
import type { BundleOrder } from "./bundle-draft.ts";

/** Shortest time of all, milliseconds; null when somebody must come, or as long as one of them is not known. */
export function leastOf(order: BundleOrder, each: readonly (number | null | undefined)[]): number | null {
  const known = each.filter((ms): ms is number => typeof ms === "number");
  if (known.length < each.length || known.length === 0) {
    return null;
  }
  return order === "in-order" ? known.reduce((sum, ms) => sum + ms, 0) : Math.max(...known);
}

/** Where a release stands in the picture, percent of its width. */
export interface Slot {
  readonly from: number;
  readonly width: number;
}

/** No bar is so short that it cannot be seen. */
const shortest = 8;

/** Bars one below the other: in order each begins where the one before ends; those without a known time are as long as the longest. */
export function slotsOf(order: BundleOrder, each: readonly (number | null | undefined)[]): Slot[] {
  const longest = Math.max(1, ...each.map((ms) => ms ?? 0));
  const lengths = each.map((ms) => Math.max((ms ?? longest) / longest, shortest / 100));
  if (order === "together") {
    return lengths.map((length) => ({ from: 0, width: length * 100 }));
  }
  const sum = lengths.reduce((total, length) => total + length, 0);
  let from = 0;
  return lengths.map((length) => {
    const width = (length / sum) * 100;
    const slot = { from, width };
    from += width;
    return slot;
  });
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

function beginWords(order: BundleOrder, [first = "", ...rest]: readonly string[]): string {
  if (order === "together") {
    return `${listed([first, ...rest])} begin at once.`;
  }
  return rest.length === 1
    ? `${first} begins at once, ${listed(rest)} when it has completed.`
    : `${first} begins at once, then ${listed(rest)}, each when the one before has completed.`;
}

/** What the order and going back together mean for the named releases, at least two of them. */
export function orderSentence(order: BundleOrder, abortTogether: boolean, names: readonly string[]): string {
  const back = abortTogether
    ? "When one goes back, all go back, the completed ones too."
    : order === "together"
      ? "When one goes back, the others go on."
      : "When one goes back, what comes after it does not begin, and what completed stays.";
  return `${beginWords(order, names)} ${back}`;
}
