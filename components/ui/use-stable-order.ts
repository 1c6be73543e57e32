"use client";

import { useRef } from "react";

/**
 * Live rows keep the place they first had, so that nothing jumps while one reads; rows that join go to one end.
 *
 * @param keyOf identifies a row; it must be unique
 */
export function useStableOrder<T>(
  rows: readonly T[] | undefined,
  keyOf: (row: T) => string,
  joinAt: "start" | "end",
): readonly T[] | undefined {
  const places = useRef(new Map<string, number>());
  if (!rows) {
    return undefined;
  }
  return inStableOrder(rows, keyOf, joinAt, places.current);
}

/** Sorts by known places and notes the places of rows that are new. */
export function inStableOrder<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  joinAt: "start" | "end",
  places: Map<string, number>,
): T[] {
  const known = [...places.values()];
  const first = known.length === 0;
  const fresh = rows.filter((row) => !places.has(keyOf(row)));
  const start = joinAt === "end" || first ? Math.max(-1, ...known) + 1 : Math.min(...known) - fresh.length;
  fresh.forEach((row, index) => {
    places.set(keyOf(row), start + index);
  });
  return [...rows].sort((a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0));
}
