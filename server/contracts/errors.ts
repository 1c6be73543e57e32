import * as z from "zod";

/**
 * Why a request to `/api/v1` failed. Each code has one HTTP status (`problemStatus`) and a text for people in `detail`,
 * which says what happened and what to do next.
 */
export const problemCode = z.enum([
  /** No session, or it ended. Go to the sign-in page. */
  "unauthenticated",
  /** Signed in, but the role does not allow it. */
  "forbidden",
  /** A mutation came from another origin. */
  "wrong-origin",
  "not-found",
  "method-not-allowed",
  /** The body or query does not fit the schema; `fields` names what. */
  "invalid-input",
  "too-large",
  "too-many-requests",
  "sign-in-link-unknown",
  "sign-in-link-used",
  "sign-in-link-expired",
  /** The filled-in path would change nothing. */
  "no-change",
  /** A finding of level "error" blocks applying; `findings` holds them. */
  "blocked-by-findings",
  /** The name of the namespace (or the word "mesh") must be typed. */
  "confirmation-needed",
  /** Live resources differ from what the preview or the last change saw; `conflicts` holds both versions. */
  "conflict",
  /** Another change of the same service or namespace is being applied. */
  "change-in-progress",
  /** The Kubernetes API refused a resource; `detail` carries its reason. */
  "refused-by-cluster",
  "cluster-unreachable",
  "database-unavailable",
  /** Only the newest change of a target can be undone, and only after it was applied. */
  "not-undoable",
  /** The workload that should send has no ready pod. */
  "source-not-ready",
  /** A session could not be opened in the pod. */
  "exec-failed",
  /** A platform engineer keeps this path for themselves, or switched it off; `detail` says which. */
  "path-restricted",
  /** A freeze window: nothing is changed there now; `detail` says until when. */
  "frozen",
  /** The change waits for nobody, or not for this person. */
  "not-waiting",
  /** Nobody decides about their own change. */
  "own-change",
  /** What live resources say cannot be read back as a filled-in form. */
  "not-readable-back",
  /** A release owns the shares of this service; `detail` names it. */
  "release-running",
  /** The release cannot do that in its state; `detail` says why. */
  "not-in-this-state",
  /** A token without the scope, or a route that takes no tokens. */
  "token-scope",
  /** Still starting: try again in a second. */
  "starting",
  "internal",
]);
export type ProblemCode = z.infer<typeof problemCode>;

/** HTTP status of each code. */
export const problemStatus: Readonly<Record<ProblemCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  "wrong-origin": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "invalid-input": 422,
  "too-large": 413,
  "too-many-requests": 429,
  "sign-in-link-unknown": 404,
  "sign-in-link-used": 410,
  "sign-in-link-expired": 410,
  "no-change": 409,
  "blocked-by-findings": 422,
  "confirmation-needed": 422,
  conflict: 409,
  "change-in-progress": 409,
  "refused-by-cluster": 422,
  "cluster-unreachable": 503,
  "database-unavailable": 503,
  "not-undoable": 409,
  "source-not-ready": 409,
  "exec-failed": 502,
  "path-restricted": 403,
  frozen: 423,
  "not-waiting": 409,
  "own-change": 403,
  "not-readable-back": 409,
  "release-running": 409,
  "not-in-this-state": 409,
  "token-scope": 403,
  starting: 503,
  internal: 500,
};

/** A field of the body or query that does not fit. `path` is dotted, as in `callers.0.namespace`. */
export const problemField = z.strictObject({ path: z.string(), message: z.string() });
export type ProblemField = z.infer<typeof problemField>;

/** Somebody else's edit: what the portal expected to find, and what is there. YAML; empty when the object is absent. */
export const problemConflict = z.strictObject({
  resource: z.string(),
  expected: z.string(),
  live: z.string(),
});
export type ProblemConflict = z.infer<typeof problemConflict>;

/** Body of every failed request (RFC 9457, `application/problem+json`). */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: problemCode,
  detail: z.string(),
  fields: z.array(problemField).optional(),
  conflicts: z.array(problemConflict).optional(),
  /** Of a conflict: stands for what `conflicts` shows. Hand it back with `force` to overwrite exactly that. */
  etag: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;
