/**
 * Traps in what others wrote for a service by hand: accepted, and not what they seem (`resources.md` §0.5, §15). Pure.
 */

import { findCondition } from "@/mesh-runtime/api/conditions.ts";
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import type { InventoryService } from "@/server/inventory/model.ts";
import { asksForHttp, findPolicies } from "@/server/policies/applied.ts";
import { authorizersOf } from "../ask-an-authorizer/mesh-config.ts";
import { finding, type PathContext } from "../path.ts";

export function foundPolicies(service: InventoryService, hasWaypoint: boolean, context: PathContext): Finding[] {
  const policies = findPolicies(context.inventory);
  const own = [
    ...new Set([...policies.ofService(service), ...policies.withoutWaypoint(service), ...targeting(service, context)]),
  ];
  const byHand = own.filter((policy) => labelsOf(policy)[managedByLabel] !== managedByTowpath);
  return [
    ...byHand.flatMap((policy) => [
      ...neverMatching(policy),
      ...atPods(policy, service),
      ...unknownAuthorizer(policy, context),
      ...emptyCondition(policy),
    ]),
    ...tokenRules(service, hasWaypoint, byHand, context),
    ...brokenExceptions(service, context),
  ];
}

/** Istio then takes plain text at the strict ports too (`resources.md` §2). */
function brokenExceptions(service: InventoryService, { inventory }: PathContext): Finding[] {
  return inventory.peerAuthentications.flatMap(({ metadata, spec }) => {
    const labels = Object.entries(spec?.selector?.matchLabels ?? {});
    const selects =
      metadata.namespace === service.namespace &&
      labels.length > 0 &&
      service.pods.some((pod) => labels.every(([name, value]) => pod.labels[name] === value));
    const strict = Object.entries(spec?.portLevelMtls ?? {}).filter(([, { mode }]) => mode === "STRICT");
    if (!selects || spec?.mtls?.mode !== "PERMISSIVE" || strict.length === 0) {
      return [];
    }
    const place = `PeerAuthentication ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
    const ports = strict.map(([port]) => port).join(", ");
    const message = `${place}, made by hand, asks for mutual TLS at port ${ports} and lets plain text in elsewhere: Istio takes plain text there too. Turn it round: STRICT, with PERMISSIVE ports.`;
    return [finding("warning", "port-exception-broken", "", message, { place })];
  });
}

const labelsOf = ({ metadata }: AuthorizationPolicyResource): Readonly<Record<string, string>> =>
  (metadata as { readonly labels?: Readonly<Record<string, string>> }).labels ?? {};

const targeting = ({ namespace, name }: InventoryService, { inventory }: PathContext): AuthorizationPolicyResource[] =>
  inventory.authorizationPolicies.filter(
    (policy) =>
      policy.metadata.namespace === namespace &&
      targetRefsOf(policy).some((target) => target.kind === "Service" && target.name === name),
  );

const placeOf = ({ metadata }: AuthorizationPolicyResource): string =>
  `AuthorizationPolicy ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;

const about = (policy: AuthorizationPolicyResource, code: Finding["code"], what: string): Finding =>
  finding("warning", code, "", `${placeOf(policy)}, made by hand, ${what}`, { place: placeOf(policy) });

/** Values that no caller and no request has. */
function neverMatching(policy: AuthorizationPolicyResource): Finding[] {
  const rules = policy.spec?.rules ?? [];
  const operations = rules.flatMap(({ to = [] }) => to.map(({ operation }) => operation));
  const sources = rules.flatMap(({ from = [] }) => from.map(({ source }) => source));
  const methods = operations.flatMap((one) => [...(one?.methods ?? []), ...(one?.notMethods ?? [])]);
  const paths = operations.flatMap((one) => [...(one?.paths ?? []), ...(one?.notPaths ?? [])]);
  const principals = sources.flatMap((one) => [...(one?.principals ?? []), ...(one?.notPrincipals ?? [])]);
  const bad = [
    ...methods
      .filter((method) => method !== method.toUpperCase())
      .map((value) => [value, "methods are in capital letters"]),
    ...paths.filter((path) => !/^[/*]/.test(path)).map((value) => [value, "paths begin with /"]),
    ...principals
      .filter((name) => name.startsWith("spiffe://"))
      .map((value) => [value, "identities stand without spiffe://"]),
  ];
  return bad.map(([value = "", why = ""]) =>
    about(policy, "value-never-matches", `names ${value}, which never matches: ${why}.`),
  );
}

/** What is written for the pods, where there are no requests and ports have the pods' numbers. */
function atPods(policy: AuthorizationPolicyResource, service: InventoryService): Finding[] {
  if (policy.spec?.selector === undefined) {
    return [];
  }
  const action = policy.spec.action ?? "ALLOW";
  if (action === "CUSTOM") {
    return [
      about(
        policy,
        "policy-ignored",
        "asks an authorizer at the pods, where nobody is asked: name the service in targetRefs.",
      ),
    ];
  }
  const http = asksForHttp(policy)
    ? [
        about(
          policy,
          "rule-without-effect",
          action === "DENY"
            ? "refuses by what requests say, at the pods, where they are not read: Istio then refuses nothing, this mesh everything that is left of the rule."
            : "allows by what requests say, at the pods, where they are not read: it lets nobody in.",
        ),
      ]
    : [];
  const open = new Set(service.pods.flatMap(({ ports }) => ports.map(({ port }) => String(port))));
  const ports = (policy.spec.rules ?? []).flatMap(({ to = [] }) =>
    to.flatMap(({ operation }) => operation?.ports ?? []),
  );
  const closed = service.pods.length === 0 ? [] : [...new Set(ports)].filter((port) => !open.has(port));
  return [
    ...http,
    ...closed.map((port) =>
      about(
        policy,
        "port-not-open",
        `names port ${port}, which no pod of ${service.name} opens: at the pods a port is the pod's own, not the service's.`,
      ),
    ),
  ];
}

function unknownAuthorizer(policy: AuthorizationPolicyResource, { inventory }: PathContext): Finding[] {
  const name = policy.spec?.action === "CUSTOM" ? policy.spec.provider?.name : undefined;
  if (name === undefined || authorizersOf(inventory).some((one) => one.name === name)) {
    return [];
  }
  return [
    about(policy, "authorizer-missing", `asks ${name}, which the mesh does not know: what it is about is refused.`),
  ];
}

/** A condition that says True and means something else. */
function emptyCondition(policy: AuthorizationPolicyResource): Finding[] {
  const { status } = policy as { readonly status?: { readonly conditions?: readonly Said[] } };
  const found = ["ZtunnelAccepted", "WaypointAccepted"]
    .map((type) => findCondition(status?.conditions, type))
    .find((one) => one?.status === "True" && ["UnsupportedValue", "PartiallyInvalid"].includes(one.reason ?? ""));
  return found === undefined
    ? []
    : [about(policy, "condition-means-nothing", `is accepted, but not as it is written: ${found.message ?? ""}`)];
}

interface Said {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Tokens that are verified and not asked for, or not even that. */
function tokenRules(
  service: InventoryService,
  hasWaypoint: boolean,
  policies: readonly AuthorizationPolicyResource[],
  { inventory, current }: PathContext,
): Finding[] {
  const rules = inventory.objects.requestAuthentications.filter(
    ({ metadata }) =>
      metadata?.namespace === service.namespace && metadata.labels?.[managedByLabel] !== managedByTowpath,
  );
  return rules.flatMap(({ metadata, spec }) => {
    const place = `RequestAuthentication ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
    const selected = spec?.selector?.matchLabels;
    if (
      selected !== undefined &&
      service.pods.some(({ labels }) => Object.entries(selected).every(([key, value]) => labels[key] === value))
    ) {
      const message = `${place}, made by hand, is written for pods, where tokens are not read: it has no effect.`;
      return [finding("warning", "policy-ignored", "", message, { place, path: signIn(service) })];
    }
    if (!(spec?.targetRefs ?? []).some(({ kind, name }) => kind === "Service" && name === service.name)) {
      return [];
    }
    if (!hasWaypoint) {
      const message = `${place}, made by hand, needs a waypoint: without one tokens are not read.`;
      return [finding("warning", "policy-ignored", "", message, { place, path: signIn(service) })];
    }
    const asked =
      current.has(`require-sign-in/${service.namespace}/${service.name}`) ||
      policies.some(
        (policy) =>
          JSON.stringify(policy.spec ?? {}).match(/requestPrincipals|RequestPrincipals|request\.auth/) !== null,
      );
    if (asked) {
      return [];
    }
    const message = `${place}, made by hand, verifies tokens but asks for none: a request without one gets in.`;
    return [finding("warning", "token-rule-alone", "", message, { place, path: signIn(service) })];
  });
}

const signIn = ({ namespace, name }: InventoryService): NonNullable<Finding["path"]> => ({
  slug: "require-sign-in",
  title: `Require a signed-in user at ${name}`,
  reason: "So that a request without a token is refused",
  values: { service: { namespace, name } },
});
