"use client";

import { duration, exact } from "./format.ts";
import { useNow } from "./time-ago.tsx";

/** How long until then, in whole seconds at most once a second; `otherwise` once it is past. */
export function Countdown({ until, otherwise }: { readonly until: number; readonly otherwise: string }) {
  const now = useNow();
  const left = until - now;
  return (
    <time dateTime={new Date(until).toISOString()} title={exact(until)} className="nowrap tn" suppressHydrationWarning>
      {left > 0 ? `in ${duration(Math.ceil(left / 1000) * 1000)}` : otherwise}
    </time>
  );
}
