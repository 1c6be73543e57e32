"use client";

import { usePathname } from "next/navigation";
import { createContext, type ReactNode, use, useMemo, useState } from "react";
import { isWindowName, type WindowName, windowSecondsOf } from "./time-window.ts";
import { useUrlState } from "./url-state.ts";

interface LiveState {
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
}

const LiveContext = createContext<LiveState>({ paused: false, setPaused: () => undefined });

/** Whether pages follow the mesh or hold still. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [paused, setPaused] = useState(false);
  const value = useMemo(() => ({ paused, setPaused }), [paused]);
  return <LiveContext value={value}>{children}</LiveContext>;
}

export const usePaused = (): LiveState => use(LiveContext);

/** How often a page asks again, in ms; never while paused. */
export function useLiveInterval(ms: number): number | false {
  return use(LiveContext).paused ? false : ms;
}

/** The window of every figure on a page: from the address, else what suits the page. */
export function useTimeWindow(): { name: WindowName; seconds: number; set: (name: WindowName) => void } {
  const { parameters, change } = useUrlState();
  const pathname = usePathname();
  const asked = parameters.get("window");
  const name = asked !== null && isWindowName(asked) ? asked : defaultWindow(pathname);
  return { name, seconds: windowSecondsOf(name), set: (next) => change({ window: next }) };
}

/** The graph answers quickly to what is done, denials look back, everything else takes five minutes. */
function defaultWindow(pathname: string): WindowName {
  if (pathname.startsWith("/graph")) {
    return "1m";
  }
  return pathname.startsWith("/denials") ? "1h" : "5m";
}
