/** Refusals to groups: caller → service → reason, each explained. */
import { createHash } from "node:crypto";
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { DenialGroup } from "@/server/contracts/denials.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import type { InForceIntent } from "@/server/golden-path-pages/in-force.ts";
import { apiVersions, resourceKey } from "@/server/golden-paths/resource.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { DenialCounts, DenialIdentity } from "@/server/telemetry/records.ts";
import type { Slots } from "@/server/telemetry/slots.ts";
import { NodeFinder, type NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { decisionSteps } from "./decision-steps.ts";
import { answerTitle, isPlainTextRefusal, plainPrincipal, reasonTitle } from "./denial-words.ts";
import { expectationOf, wasValue } from "./expectation.ts";
import { fixFor } from "./fix.ts";
import { makersOf } from "./made-by.ts";
import { nextStepFor } from "./next-step.ts";
import { ruleText } from "./rule-text.ts";

/** The newest change that wrote a resource, by `resourceKey`. */
export type ChangeByResource = ReadonlyMap<string, NonNullable<DenialGroup["since"]>>;

export interface GroupInput {
  readonly denials: Slots<DenialIdentity, DenialCounts>;
  readonly inventory: Inventory;
  readonly startMs: number;
  readonly endMs: number;
  readonly changes: ChangeByResource;
  /** What golden paths hold now, with the forms that change it. */
  readonly inForce: readonly InForceIntent[];
}

const trendStepMs = 60_000;
const trendSteps = 60;

interface Group {
  readonly id: string;
  readonly identity: DenialIdentity;
  readonly from: NodeRef;
  readonly to: NodeRef;
  count: number;
  firstUnixMs: number;
  last: DenialCounts;
  readonly trend: number[];
}

/** Newest first. */
export function groupDenials(input: GroupInput): DenialGroup[] {
  const finder = new NodeFinder(input.inventory);
  const groups = new Map<string, Group>();
  const trendStart = input.endMs - trendSteps * trendStepMs;
  input.denials.each(Math.min(input.startMs, trendStart), input.endMs, (identity, counts, startMs, widthMs) => {
    const from = finder.source(identity.labels);
    const to = finder.destination(identity.labels);
    const id = groupId(identity, from, to);
    let group = groups.get(id);
    if (group === undefined) {
      const trend = Array.from({ length: trendSteps }, () => 0);
      group = { id, identity, from, to, count: 0, firstUnixMs: startMs, last: counts, trend };
      groups.set(id, group);
    }
    const step = Math.floor((startMs + widthMs / 2 - trendStart) / trendStepMs);
    if (step >= 0 && step < trendSteps) {
      group.trend[step] = (group.trend[step] ?? 0) + counts.count;
    }
    if (startMs + widthMs / 2 >= input.startMs) {
      group.count += counts.count;
      group.firstUnixMs = Math.min(group.firstUnixMs, startMs);
      group.last = counts.lastUnixMs >= group.last.lastUnixMs ? counts : group.last;
    }
  });
  return [...groups.values()]
    .filter(({ count }) => count > 0)
    .map((group) => explain(group, input))
    .sort((one, other) => other.lastUnixMs - one.lastUnixMs);
}

/** Stable over restarts, so that a link to a group keeps working. */
export function groupId(identity: DenialIdentity, from: NodeRef, to: NodeRef): string {
  const { reason, policy, attribute, hop, destinationPort, method, path, labels } = identity;
  // With and without a proven identity are two matters, also between the same two services.
  const principal = plainPrincipal(labels.source_principal);
  return createHash("sha256")
    .update([from.id, to.id, principal, reason, policy, attribute, hop, destinationPort, method, path].join("\u0001"))
    .digest("base64url")
    .slice(0, 16);
}

function explain({ id, identity, from, to, ...group }: Group, input: GroupInput): DenialGroup {
  const { inventory, changes, endMs, inForce } = input;
  const principal = plainPrincipal(identity.labels.source_principal);
  const policy = policyRef(identity, to, inventory);
  const makers = makersOf(policy, inventory, inForce);
  const live = policy === null ? undefined : findPolicy(policy, inventory);
  const title = reasonTitle(identity, principal !== "");
  const callerTitle =
    from.kind === "unknown"
      ? principal === ""
        ? "no identity"
        : principal
      : from.kind === "outside"
        ? "outside"
        : from.name;
  const acting =
    policy === null
      ? undefined
      : inventory.routing.find(
          ({ resource }) =>
            resource.kind === policy.kind && resource.namespace === policy.namespace && resource.name === policy.name,
        );
  const { expected, attributeName } =
    live === undefined || !decidedByRule(identity)
      ? { expected: [], attributeName: namedHeader(identity.attribute) }
      : expectationOf(live, identity);
  return {
    id,
    from: from.id,
    to: to.id,
    caller: {
      title: callerTitle,
      namespace: from.namespace,
      principal,
      pod: group.last.sourcePod,
      ip: group.last.sourceIp,
    },
    service: { namespace: to.namespace, name: to.name },
    destinationPod: group.last.destinationPod,
    port: identity.destinationPort,
    method: identity.method,
    path: identity.path,
    host: identity.host,
    reason: identity.reason,
    reasonTitle: title,
    sentence: sentenceFor(identity, callerTitle, to, policy, live, principal, attributeName),
    hop: identity.hop,
    node: identity.node,
    policy,
    policyAction: live === undefined ? "" : (actions[live.spec?.action ?? ""] ?? "ALLOW"),
    enforcer: enforcerOf(identity, from, to, inventory),
    rule: identity.rule,
    ruleText: live !== undefined ? ruleText(live, identity.rule) : (acting?.sentence ?? ""),
    attribute: identity.attribute,
    attributeName,
    expected: [...expected],
    was: decidedByRule(identity) ? wasValue(identity, principal) : "",
    answer: identity.answer,
    answerTitle: answerTitle(identity.answer),
    count: group.count,
    firstUnixMs: group.firstUnixMs,
    lastUnixMs: group.last.lastUnixMs,
    trend: { stepSeconds: trendStepMs / 1_000, endUnixMs: endMs, values: group.trend },
    steps: decisionSteps(identity, principal, to, inventory),
    since: policy === null ? null : (changes.get(resourceKey(policy)) ?? null),
    fix: fixFor(identity, from, to, principal, inventory, { makers, inForce }),
    nextStep: nextStepFor(identity, policy, makers.ours, attributeName, {
      name: to.name,
      namespace: to.namespace,
      waypoint: from.kind === "waypoint" ? "" : waypointName(to, inventory),
    }),
  };
}

const actions: Readonly<Record<string, DenialGroup["policyAction"]>> = { DENY: "DENY", CUSTOM: "CUSTOM" };

/** A rule of an AuthorizationPolicy asked for something else than what came. */
const decidedByRule = ({ reason }: DenialIdentity): boolean =>
  reason === "no-allow-policy-matched" || reason === "denied-by-policy";

/** A rate limit names the header that it counts by. */
const namedHeader = (attribute: string): string => /^request\.headers\[(.+)\]$/.exec(attribute)?.[1] ?? "";

/** `<namespace>/<name>`, empty without one. */
function waypointName(service: NodeRef, inventory: Inventory): string {
  const waypoint = findService(inventory, service)?.waypoint;
  return waypoint === undefined ? "" : `${waypoint.namespace}/${waypoint.name}`;
}

/** `<kind> <namespace>/<name>` of the proxy that decided; only the kind where its name is not known. */
export function enforcerOf({ hop }: DenialIdentity, from: NodeRef, to: NodeRef, inventory: Inventory): string {
  if (hop === "waypoint") {
    return `waypoint ${waypointName(to, inventory)}`.trimEnd();
  }
  const gateway = [to, from].find(({ kind }) => kind === "gateway");
  return hop === "gateway" && gateway !== undefined ? `gateway ${gateway.namespace}/${gateway.name}` : hop;
}

const kindByReason: Partial<Record<DenialIdentity["reason"], Pick<ResourceRef, "apiVersion" | "kind">>> = {
  "token-invalid": { apiVersion: apiVersions.AuthorizationPolicy, kind: "RequestAuthentication" },
  "rate-limited": { apiVersion: "towpath.dev/v1alpha1", kind: "RateLimitPolicy" },
};

function policyRef(identity: DenialIdentity, to: NodeRef, inventory: Inventory): ResourceRef | null {
  if (isPlainTextRefusal(identity)) {
    // The mesh's own translation: behind it is the PeerAuthentication of the namespace, or that of the mesh.
    const namespace = [to.namespace, rootNamespace].find((name) =>
      inventory.peerAuthentications.some(({ metadata }) => metadata.namespace === name),
    );
    const found = inventory.peerAuthentications.find(({ metadata }) => metadata.namespace === namespace);
    return found === undefined
      ? null
      : {
          apiVersion: apiVersions.AuthorizationPolicy,
          kind: "PeerAuthentication",
          namespace: namespace ?? "",
          name: found.metadata.name ?? "",
        };
  }
  const [namespace, name] = identity.policy.split("/");
  return namespace === undefined || name === undefined || name === ""
    ? null
    : {
        ...(kindByReason[identity.reason] ?? {
          apiVersion: apiVersions.AuthorizationPolicy,
          kind: "AuthorizationPolicy",
        }),
        namespace,
        name,
      };
}

const findPolicy = (ref: ResourceRef, inventory: Inventory): AuthorizationPolicyResource | undefined =>
  ref.kind === "AuthorizationPolicy"
    ? inventory.authorizationPolicies.find(
        ({ metadata }) => metadata.namespace === ref.namespace && metadata.name === ref.name,
      )
    : undefined;

function sentenceFor(
  identity: DenialIdentity,
  caller: string,
  to: NodeRef,
  policy: ResourceRef | null,
  live: AuthorizationPolicyResource | undefined,
  principal: string,
  attributeName: string,
): string {
  const name = policy === null ? "" : `${policy.namespace}/${policy.name}`;
  if (isPlainTextRefusal(identity)) {
    return `${to.name} takes mutual TLS only, and ${caller} called in plain text.`;
  }
  if (identity.reason === "denied-by-policy") {
    return `${name} denies this call from ${caller} to ${to.name}.`;
  }
  const engine = engineSentence(identity, caller, to, name, attributeName);
  if (engine !== undefined) {
    return engine;
  }
  if (identity.reason === "no-allow-policy-matched") {
    if (principal === "" && identity.hop === "agent") {
      return `Only named identities may call ${to.name}, and ${caller} proved none: it called in plain text.`;
    }
    return (live?.spec?.rules ?? []).length === 0
      ? `${name === "" ? to.name : name} denies everything that no rule allows, and no rule lets ${caller} call ${to.name}.`
      : `${to.name} lets in only who ${name} names, and ${caller} is not among them.`;
  }
  return `${caller} was refused at ${to.name}: ${reasonTitle(identity, principal !== "").toLowerCase()}.`;
}

/** Refusals that only layer 7 proxies make: which request, and by what. */
function engineSentence(
  { reason, method, path, attribute, hop, rule }: DenialIdentity,
  caller: string,
  to: NodeRef,
  policy: string,
  attributeName: string,
): string | undefined {
  const request = method === "" ? "its call" : `${method} ${path}`;
  switch (reason) {
    case "token-invalid":
      return `${caller} sent a token that ${policy} does not accept, so ${request} to ${to.name} was refused.`;
    case "refused-by-authorizer":
      return `The external authorizer ${attribute}, which ${policy} asks, refused ${request} from ${caller} to ${to.name}.`;
    case "authorizer-unavailable":
      return `The external authorizer ${attribute}, which ${policy} asks, did not answer, so ${request} from ${caller} to ${to.name} was refused.`;
    case "rate-limited":
      return `${caller} used up what ${policy} allows at ${to.name}.`;
    case "no-allow-policy-matched":
      return hop === "agent" || method === "" || attribute.startsWith("source.") || attribute === "none"
        ? undefined
        : `${policy} lets in only what it names, and ${request} from ${caller} to ${to.name} does not fit ${rule < 0 ? "any rule" : `rule ${rule + 1}`}${misfit(attribute, attributeName)}.`;
    default:
      return undefined;
  }
}

/** What of the request does not fit, so that two refusals of one rule read differently. */
function misfit(attribute: string, name: string): string {
  switch (attribute) {
    case "request.method":
      return ": its method is another";
    case "request.path":
      return ": its path is another";
    case "request.host":
      return ": its host is another";
    case "request.header":
      return `: the header${name === "" ? "" : ` ${name}`} is missing or other`;
    case "request.auth.claims":
      return `: the claim${name === "" ? "" : ` ${name}`} is missing or other`;
    case "request.auth.principal":
      return ": nobody whom it names is signed in";
    default:
      return "";
  }
}
