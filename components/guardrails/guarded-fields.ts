import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";

/** A field of a form that platform engineers may give a start value or, where it is a number or a time, limits. */
export interface GuardedField {
  /** Dotted, as findings name it; lists are passed through. */
  readonly field: string;
  readonly label: string;
  readonly kind: "number" | "duration" | "switch" | "choice" | "text";
  /** Of a choice. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

const number = (field: string, label: string): GuardedField => ({ field, label, kind: "number" });
const time = (field: string, label: string): GuardedField => ({ field, label, kind: "duration" });
const toggle = (field: string, label: string): GuardedField => ({ field, label, kind: "switch" });

/** By path, in the order of the forms. Paths that are not here have nothing to limit. */
export const guardedFields: { readonly [S in PathSlug]?: readonly GuardedField[] } = {
  "give-a-waypoint": [number("replicas", "Pods of each waypoint")],
  "lock-down": [toggle("keepGatewaysOpen", "Gateways stay open")],
  "require-sign-in": [
    { field: "issuer", label: "Issuer", kind: "text" },
    toggle("forwardToken", "The service gets the token"),
  ],
  "ask-an-authorizer": [time("add.timeout", "Longest wait for a new authorizer")],
  "expose-to-the-outside": [toggle("redirectToHttps", "Plain HTTP is sent to HTTPS")],
  retries: [
    number("attempts", "Retries"),
    time("backoff", "Pause before the first retry"),
    time("perTry", "Longest time of one try"),
    toggle("safeOnly", "Only requests that are safe to repeat"),
    number("budgetPercent", "Share of retries, %"),
  ],
  "release-a-version": [
    number("weight", "Share of the new version, %"),
    number("mirror", "Share that the new version gets copies of, %"),
    number("sticky.seconds", "How long a caller keeps its version, seconds"),
  ],
  timeouts: [time("request", "Longest time of a request"), time("paths.request", "Longest time of single paths")],
  "circuit-breaker": [
    number("consecutiveErrors", "Errors in a row"),
    time("interval", "How often pods are looked at"),
    time("ejectFor", "How long a pod is left out"),
    number("maxEjectedPercent", "Most pods left out, %"),
    number("maxConnections", "Connections at once"),
    number("maxPending", "Requests that wait"),
    number("maxRequests", "Requests at once"),
    time("slowStart", "Time to get a full share again"),
  ],
  "rate-limit": [
    number("limits.requests", "Requests in an interval"),
    time("limits.interval", "Interval"),
    number("limits.burst", "Requests at once"),
    number("limits.overrides.requests", "Requests of single callers"),
  ],
  "mirror-traffic": [number("percent", "Share that is mirrored, %")],
  "test-with-faults": [
    number("delay.percent", "Share that is delayed, %"),
    time("delay.time", "Delay"),
    number("abort.percent", "Share that fails, %"),
  ],
  "prefer-the-zone": [
    {
      field: "near",
      label: "What is near",
      kind: "choice",
      choices: [
        { value: "zone", label: "the same zone" },
        { value: "node", label: "the same node" },
      ],
    },
  ],
};

/** Whether limits mean something for it. */
export const hasRange = ({ kind }: GuardedField): boolean => kind === "number" || kind === "duration";
/** Whether a form can start with a value of it: single fields can, parts of lists cannot. */
export const hasDefault = ({ field }: GuardedField): boolean => !field.includes(".");
