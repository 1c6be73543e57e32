import type { PathGroup, PathSlug } from "./slug.ts";

/** What a path is called, by need, and where it stands in the gallery. */
export interface PathHead {
  readonly title: string;
  readonly group: PathGroup;
}

export const pathHeads: Readonly<Record<PathSlug, PathHead>> = {
  "join-the-mesh": { title: "Join the mesh", group: "join" },
  "require-mtls": { title: "Require mutual TLS", group: "access" },
  "give-a-waypoint": { title: "Give a namespace a waypoint", group: "join" },
  "lock-down": { title: "Lock a namespace down", group: "access" },
  "let-a-caller-in": { title: "Let a service call mine", group: "access" },
  "block-a-caller": { title: "Block a caller", group: "access" },
  "require-sign-in": { title: "Require a signed-in user", group: "access" },
  "ask-an-authorizer": { title: "Ask an external authorizer", group: "access" },
  "expose-to-the-outside": { title: "Expose to the outside", group: "edges" },
  "allow-a-destination": { title: "Allow a destination outside", group: "edges" },
  retries: { title: "Repeat calls that fail", group: "resilience" },
  timeouts: { title: "Stop waiting", group: "resilience" },
  "circuit-breaker": { title: "Leave failing pods out", group: "resilience" },
  "rate-limit": { title: "Limit how often a service is called", group: "resilience" },
  "mirror-traffic": { title: "Send copies of real calls elsewhere", group: "resilience" },
  "test-with-faults": { title: "Test with faults", group: "resilience" },
  "prefer-the-zone": { title: "Prefer what is near", group: "places" },
  "keep-in-region": { title: "Keep data in the region", group: "places" },
  "release-a-version": { title: "Release a new version gradually", group: "release" },
};
