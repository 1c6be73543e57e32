"use client";

import type { ImpactWindow } from "@/server/contracts/golden-paths.ts";
import { useUrlState } from "../../query/url-state.ts";

/** Windows of observed traffic that a preview can look at. */
export const impactWindows: readonly {
  readonly value: string;
  readonly label: string;
  readonly seconds: ImpactWindow;
}[] = [
  { value: "1h", label: "1 h", seconds: 3_600 },
  { value: "24h", label: "24 h", seconds: 86_400 },
  { value: "7d", label: "7 d", seconds: 604_800 },
];

/** The window of the preview, kept in the address; an hour unless somebody asked for more. */
export function useImpactWindow() {
  const { parameters, change } = useUrlState();
  const asked = impactWindows.find(({ value }) => value === parameters.get("observed"));
  return {
    name: asked?.value ?? "1h",
    seconds: asked?.seconds ?? 3_600,
    set: (name: string) => change({ observed: name === "1h" ? null : name }),
  };
}
