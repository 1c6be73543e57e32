import type { Drifted } from "./drifted.ts";

/** What the object does, said twice: when it is gone, and when it is otherwise. */
const effects: Readonly<Record<string, readonly [gone: string, otherwise: string]>> = {
  Namespace: ["The namespace is gone.", "Its pods or calls take other ways than the paths say."],
  Service: ["Calls by this name fail.", "Calls to it take other ways than the paths say."],
  Gateway: [
    "Calls go straight to the pods, or nobody gets in: rules about requests are not enforced here.",
    "It listens otherwise than the paths say.",
  ],
  HTTPRoute: [
    "Requests are sent without what the paths set: tries, time limits, copies.",
    "Requests are sent otherwise than the paths say.",
  ],
  VirtualService: [
    "Requests are sent without what the paths set: tries, time limits, faults.",
    "Requests are sent otherwise than the paths say.",
  ],
  DestinationRule: [
    "Nothing limits connections, and failing pods keep getting calls.",
    "Connections and failing pods are handled otherwise than the paths say.",
  ],
  RateLimitPolicy: ["Calls are not limited.", "Another limit is in force."],
  RequestAuthentication: [
    "Nobody's token is read: whoever must be signed in is refused.",
    "Other tokens are taken than the paths say.",
  ],
  PeerAuthentication: ["Plain text may be accepted.", "Plain text may be accepted where the paths refuse it."],
  ServiceEntry: ["The destination is unknown to the mesh.", "The destination is reached otherwise than the paths say."],
  ConfigMap: ["The mesh runs with its own defaults.", "The mesh is set otherwise than the paths say."],
  Deployment: ["There is no waypoint pod.", "The waypoint has another number of pods."],
};

/** What the edit does to traffic or protection, in a sentence. Pure. */
export function effectOf({ ref, kind, expected, live }: Drifted): string {
  if (kind === "in-the-way") {
    return "Somebody else made an object of this name: what the paths say is not in force.";
  }
  if (kind === "missing") {
    return locksWaypoints(expected)
      ? "A waypoint that no other lock covers lets callers in whom no rule allows."
      : "What an update of Towpath adds to the rules in force is not there yet.";
  }
  if (ref.kind === "AuthorizationPolicy") {
    const { action = "ALLOW", rules = [] } = (expected.spec ?? {}) as { action?: string; rules?: unknown[] };
    const closes = action !== "ALLOW" || rules.length === 0;
    if (kind === "removed") {
      return closes
        ? "Whom it refused is let in again, unless another rule refuses them."
        : "Whom it let in is refused, or everybody is let in when it was the only rule.";
    }
    return JSON.stringify(live?.spec) === "{}"
      ? "Nobody is let in by it any more."
      : "Others are let in or refused than the paths say.";
  }
  const [gone, otherwise] = effects[ref.kind] ?? ["It is not in force.", "It is otherwise than the paths say."];
  return kind === "removed" ? gone : otherwise;
}

/** The lock of one waypoint, or of all of a class. */
function locksWaypoints({ kind, spec }: Drifted["expected"]): boolean {
  const { targetRefs = [], rules } = (spec ?? {}) as { targetRefs?: { kind?: string }[]; rules?: unknown };
  return (
    kind === "AuthorizationPolicy" && rules === undefined && targetRefs.some((one) => /^Gateway/.test(one.kind ?? ""))
  );
}
