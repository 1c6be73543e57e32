import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";

/** The key of every query, so that a change can tell which pages are out of date. */
export const queryKeys = {
  me: ["me"],
  overview: (team: string, windowSeconds: number) => ["overview", team, windowSeconds],
  graph: (windowSeconds: number, end: number | null) => ["graph", "live", windowSeconds, end],
  timeline: ["graph", "timeline"],
  edge: (from: string, to: string, windowSeconds: number) => ["graph", "edge", from, to, windowSeconds],
  node: (id: string, windowSeconds: number) => ["graph", "node", id, windowSeconds],
  trace: (id: string) => ["trace", id],
  services: (windowSeconds: number) => ["services", windowSeconds],
  service: (namespace: string, name: string, windowSeconds: number) => ["service", namespace, name, windowSeconds],
  goldenPaths: ["golden-paths"],
  options: (slug: PathSlug) => ["golden-paths", slug, "options"],
  preview: (slug: PathSlug, values: unknown) => ["golden-paths", slug, "preview", values],
  changes: (query: string) => ["changes", query],
  change: (id: string) => ["change", id],
  denials: (query: string) => ["denials", query],
  deniedRequests: (query: string) => ["denials", "requests", query],
  tryOptions: ["try"],
  mesh: ["mesh"],
  audit: (query: string) => ["audit", query],
  teams: ["teams"],
  drift: (query: string) => ["drift", query],
  findings: (query: string) => ["findings", query],
  whatIf: (request: unknown) => ["what-if", request],
  guardrails: ["guardrails"],
} as const;
