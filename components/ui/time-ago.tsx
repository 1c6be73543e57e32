"use client";

import { useSyncExternalStore } from "react";
import { ago, exact } from "./format.ts";

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const notify of listeners) {
      notify();
    }
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time now, in ms, at most a second old; all who show a relative time share one clock. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => now,
    () => now,
  );
}

/** How long ago, with the exact time on hover. */
export function TimeAgo({ at }: { readonly at: string | number }) {
  const current = useNow();
  const ms = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact(ms)} className="nowrap tn" suppressHydrationWarning>
      {ago(ms, current)}
    </time>
  );
}
