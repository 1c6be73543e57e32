/** Policies in plain English, and where they are enforced. Pure. */
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "@/mesh-runtime/policy/index.ts";
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { ConditionFields } from "@/mesh-runtime/policy/resource.ts";
import type { AppliedPolicy } from "@/server/contracts/services.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { apiVersions } from "@/server/golden-paths/resource.ts";
import { toEnforced } from "@/server/inventory/build.ts";
import { managedByLabel, managedByTowpath, rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { asksForHttp, deniesAll, findPolicies, isDryRun, isWide } from "./applied.ts";

type Live = { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } };

/** Every policy that acts on the service. */
export function appliedPolicies(service: InventoryService, inventory: Inventory): AppliedPolicy[] {
  const found = findPolicies(inventory);
  const authorization = [...new Set([...found.ofService(service), ...found.withoutWaypoint(service)])].map((policy) =>
    authorizationOf(policy, service),
  );
  const peers = inventory.peerAuthentications
    .filter(({ metadata }) => metadata.namespace === service.namespace || metadata.namespace === rootNamespace)
    .filter((policy) => selectsService(policy, service))
    .map((policy) => peerOf(policy, service));
  return [...peers, ...authorization];
}

const selectsService = ({ spec }: PeerAuthenticationResource, service: InventoryService): boolean => {
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  return (
    service.kind === "service" &&
    (labels.length === 0 || service.pods.some((pod) => labels.every(([name, value]) => pod.labels[name] === value)))
  );
};

const effects: Readonly<Record<string, AppliedPolicy["effect"]>> = { DENY: "deny", AUDIT: "audit", CUSTOM: "ask" };

function authorizationOf(policy: AuthorizationPolicyResource, service: InventoryService): AppliedPolicy {
  const namespace = policy.metadata.namespace ?? "";
  const targeted = targetRefsOf(policy).length > 0;
  const action = policy.spec?.action ?? "ALLOW";
  return {
    resource: {
      apiVersion: apiVersions.AuthorizationPolicy,
      kind: "AuthorizationPolicy",
      namespace,
      name: policy.metadata.name ?? "",
    },
    scope: targeted
      ? service.kind === "service"
        ? "service"
        : "gateway"
      : !isWide(policy)
        ? "workload"
        : namespace === rootNamespace
          ? "mesh"
          : "namespace",
    effect: deniesAll(policy) ? "deny-all" : (effects[action] ?? "allow"),
    dryRun: isDryRun(policy),
    sentence: authorizationSentence(policy),
    managedByTowpath: isOurs(policy),
    ...enforcement(policy, service),
  };
}

function peerOf(policy: PeerAuthenticationResource, service: InventoryService): AppliedPolicy {
  const strict = policy.spec?.mtls?.mode === "STRICT";
  const namespace = policy.metadata.namespace ?? "";
  const selected = Object.keys(policy.spec?.selector?.matchLabels ?? {}).length > 0;
  return {
    resource: {
      apiVersion: apiVersions.AuthorizationPolicy,
      kind: "PeerAuthentication",
      namespace,
      name: policy.metadata.name ?? "",
    },
    scope: selected ? "workload" : namespace === rootNamespace ? "mesh" : "namespace",
    effect: strict ? "require-mtls" : "permit-plain-text",
    dryRun: false,
    sentence: strict ? "Refuses calls in plain text." : "Lets plain text in beside mutual TLS.",
    managedByTowpath: isOurs(policy),
    ...enforcement(policy, service),
  };
}

const isOurs = (policy: object): boolean => (policy as Live).metadata.labels?.[managedByLabel] === managedByTowpath;

function enforcement(policy: object, service: InventoryService): Pick<AppliedPolicy, "enforcedBy" | "enforcedText"> {
  if (service.kind !== "service") {
    return { enforcedBy: [service.kind], enforcedText: receiptText(policy) };
  }
  if (targetRefsOf(policy as AuthorizationPolicyResource).length > 0) {
    return service.waypoint === undefined
      ? {
          enforcedBy: [],
          enforcedText: `Nobody enforces it: calls to ${service.name} go through no waypoint. Label the service or its namespace istio.io/use-waypoint.`,
        }
      : { enforcedBy: ["waypoint"], enforcedText: receiptText(policy) };
  }
  const { captured, pods } = service.enrolment;
  if (captured === 0) {
    return { enforcedBy: [], enforcedText: "Nobody enforces it: no pod of this service is in the mesh." };
  }
  const partly = captured < pods ? `Only ${captured} of ${pods} pods are in the mesh. ` : "";
  if (asksForHttp(policy as AuthorizationPolicyResource)) {
    return {
      enforcedBy: ["agent"],
      enforcedText: `${partly}Agents know no methods, paths or headers, so it is stricter than written. Name the service in targetRefs to have its waypoint judge it.`,
    };
  }
  return { enforcedBy: ["agent"], enforcedText: `${partly}${receiptText(policy)}` };
}

function receiptText(policy: object): string {
  const enforced = toEnforced(policy as Parameters<typeof toEnforced>[0]);
  const text = enforced?.message ?? "";
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function authorizationSentence(policy: AuthorizationPolicyResource): string {
  if (deniesAll(policy)) {
    return "Denies every call that no other rule allows.";
  }
  const action = policy.spec?.action ?? "ALLOW";
  const verb = verbs[action] ?? "Lets";
  const parts = (policy.spec?.rules ?? []).map(({ from, to, when }) => {
    const who = (from ?? []).flatMap(({ source }) => [
      ...(source?.serviceAccounts ?? []),
      ...(source?.principals ?? []).map((principal) => (principal === "*" ? "any identity" : principal)),
      ...(source?.namespaces ?? []).map((name) => `namespace ${name}`),
      ...(source?.requestPrincipals ?? []).map((name) => (name === "*" ? "any signed-in user" : `user ${name}`)),
      ...(source?.notRequestPrincipals ?? []).map((name) => (name === "*" ? "nobody signed in" : `not user ${name}`)),
      ...(source?.ipBlocks ?? []),
      ...(source?.remoteIpBlocks ?? []),
    ]);
    const what = (to ?? []).flatMap(({ operation }) => [
      ...(operation?.methods ?? []),
      ...(operation?.paths ?? []),
      ...(operation?.hosts ?? []),
      ...(operation?.ports ?? []).map((port) => `port ${port}`),
      ...(operation?.notMethods ?? []).map((value) => `not ${value}`),
      ...(operation?.notPaths ?? []).map((value) => `not ${value}`),
      ...(operation?.notHosts ?? []).map((value) => `not ${value}`),
    ]);
    const subject = who.length === 0 ? "anyone" : listNames(who);
    const object = what.length === 0 ? "" : ` (${what.join(", ")})`;
    const condition = (when ?? []).length === 0 ? "" : `, when ${(when ?? []).map(conditionWords).join(" and ")}`;
    return `${subject}${verb === "Lets" ? " in" : ""}${object}${condition}`;
  });
  const tail = action === "CUSTOM" ? ` (${policy.spec?.provider?.name ?? "no authorizer named"})` : "";
  return `${verb} ${parts.join("; ")}${tail}.`;
}

const verbs: Readonly<Record<string, string>> = {
  DENY: "Denies",
  AUDIT: "Notes",
  CUSTOM: "Asks the external authorizer about",
};

/** "x-test-me is there", "groups is staff", "x-a is not 1". */
function conditionWords({ key, values = [], notValues = [] }: ConditionFields): string {
  const name = /^request\.(?:headers|auth\.claims)\[(.+)\]$/.exec(key)?.[1]?.replaceAll("][", ".") ?? key;
  const parts = [
    ...(values.length === 0 ? [] : [values.includes("*") ? "is there" : `is ${listNames(values)}`]),
    ...(notValues.length === 0 ? [] : [notValues.includes("*") ? "is absent" : `is not ${listNames(notValues)}`]),
  ];
  return `${name} ${parts.join(" and ")}`;
}
