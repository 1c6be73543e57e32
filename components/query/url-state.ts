"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/** Parameters to set, or to drop with null. */
export type UrlChanges = Readonly<Record<string, string | null>>;

/** The address with some parameters changed; order is kept. */
export function withParameters(pathname: string, search: string, changes: UrlChanges): string {
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") {
      parameters.delete(name);
    } else {
      parameters.set(name, value);
    }
  }
  const query = parameters.toString();
  return query === "" ? pathname : `${pathname}?${query}`;
}

/** Filters, time and selection live in the address, so that a link restores the view. */
export function useUrlState() {
  const parameters = useSearchParams();
  const change = useCallback((changes: UrlChanges, mode: "replace" | "push" = "replace") => {
    const address = withParameters(window.location.pathname, window.location.search, changes);
    if (mode === "push") {
      window.history.pushState(null, "", address);
    } else {
      window.history.replaceState(null, "", address);
    }
  }, []);
  return { parameters, change };
}
