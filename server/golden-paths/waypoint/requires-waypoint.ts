import type { Intent } from "../intent.ts";

/** Only a waypoint can enforce it: it reads requests, or chooses between pods. */
export function requiresWaypoint(of: Intent): boolean {
  switch (of.slug) {
    case "let-a-caller-in":
    case "block-a-caller":
      return of.requests.length > 0;
    case "require-sign-in":
    case "ask-an-authorizer":
    case "retries":
    case "timeouts":
    case "circuit-breaker":
    case "rate-limit":
    case "mirror-traffic":
    case "test-with-faults":
    case "keep-in-region":
    case "release-a-version":
      return true;
    default:
      return false;
  }
}

/** It decides who gets in by what a request says: nobody may reach the pods past the waypoint. */
export const judgesRequests = (of: Intent): boolean =>
  requiresWaypoint(of) &&
  (of.slug === "let-a-caller-in" ||
    of.slug === "block-a-caller" ||
    of.slug === "require-sign-in" ||
    of.slug === "ask-an-authorizer");
