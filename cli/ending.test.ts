import { expect, test } from "vitest";
import { type ProblemCode, problemStatus } from "@/server/contracts/errors.ts";
import { endingOf } from "./ending.mjs";

/** Written out, so that no pipeline is surprised. */
const table: Readonly<Record<ProblemCode, number>> = {
  unauthenticated: 4,
  forbidden: 4,
  "wrong-origin": 4,
  "path-restricted": 4,
  "own-change": 4,
  "token-scope": 4,
  "not-found": 6,
  "method-not-allowed": 6,
  "sign-in-link-unknown": 6,
  "invalid-input": 2,
  "too-large": 2,
  "too-many-requests": 5,
  "sign-in-link-used": 5,
  "sign-in-link-expired": 5,
  "no-change": 5,
  "blocked-by-findings": 5,
  "confirmation-needed": 5,
  conflict: 5,
  "change-in-progress": 5,
  "refused-by-cluster": 5,
  "not-undoable": 5,
  "source-not-ready": 5,
  frozen: 5,
  "not-waiting": 5,
  "not-readable-back": 5,
  "release-running": 5,
  "not-in-this-state": 5,
  "cluster-unreachable": 3,
  "database-unavailable": 3,
  "exec-failed": 3,
  starting: 3,
  internal: 3,
};

test.each(Object.entries(table))("%s ends with %i", (code, ends) => {
  // The keys of a record of codes are codes.
  expect(endingOf(problemStatus[code as ProblemCode], code)).toBe(ends);
});
