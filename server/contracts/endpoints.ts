import type { PathSlug } from "./golden-paths.ts";

const encode = encodeURIComponent;

/** Every address of the portal's API, in one place. Query strings are appended by the caller. */
export const endpoints = {
  me: "/api/v1/me",
  signIn: "/api/v1/sign-in",
  signOut: "/api/v1/sign-out",
  overview: "/api/v1/overview",
  ticketLeadTime: "/api/v1/settings/ticket-lead-time",
  graph: "/api/v1/graph",
  graphStream: "/api/v1/graph/stream",
  graphTimeline: "/api/v1/graph/timeline",
  graphEdge: "/api/v1/graph/edge",
  graphNode: "/api/v1/graph/node",
  traces: "/api/v1/traces",
  services: "/api/v1/services",
  service: (namespace: string, name: string): string => `/api/v1/services/${encode(namespace)}/${encode(name)}`,
  goldenPaths: "/api/v1/golden-paths",
  goldenPathOptions: (slug: PathSlug): string => `/api/v1/golden-paths/${slug}/options`,
  goldenPathPreview: (slug: PathSlug): string => `/api/v1/golden-paths/${slug}/preview`,
  goldenPathApply: (slug: PathSlug): string => `/api/v1/golden-paths/${slug}/apply`,
  changes: "/api/v1/changes",
  change: (id: string): string => `/api/v1/changes/${encode(id)}`,
  changeStream: (id: string): string => `/api/v1/changes/${encode(id)}/stream`,
  changeUndo: (id: string): string => `/api/v1/changes/${encode(id)}/undo`,
  denials: "/api/v1/denials",
  deniedRequests: "/api/v1/denials/requests",
  tryIt: "/api/v1/try",
  mesh: "/api/v1/mesh",
  audit: "/api/v1/audit",
  auditExport: "/api/v1/audit/export",
  teams: "/api/v1/teams",
} as const;
