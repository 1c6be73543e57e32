import * as z from "zod";

/** Every golden path. */
export const pathSlug = z.enum([
  "join-the-mesh",
  "require-mtls",
  "give-a-waypoint",
  "lock-down",
  "let-a-caller-in",
  "block-a-caller",
  "require-sign-in",
  "ask-an-authorizer",
  "expose-to-the-outside",
  "allow-a-destination",
  "retries",
  "timeouts",
  "circuit-breaker",
  "rate-limit",
  "mirror-traffic",
  "test-with-faults",
  "prefer-the-zone",
  "keep-in-region",
  "release-a-version",
]);
export type PathSlug = z.infer<typeof pathSlug>;

/** Headings of the gallery, in its order. */
export const pathGroup = z.enum(["join", "access", "edges", "release", "resilience", "places"]);
export type PathGroup = z.infer<typeof pathGroup>;
