/** Policies in plain English, and where they are enforced. Pure. */
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "@/mesh-runtime/policy/index.ts";
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { AppliedPolicy } from "@/server/contracts/services.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { securityVersion } from "@/server/golden-paths/resource.ts";
import { toEnforced } from "@/server/inventory/build.ts";
import { managedByLabel, managedByTowpath, rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { deniesAll, findPolicies, isWide } from "./applied.ts";

type Live = { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } };

/** Every policy that acts on the service. */
export function appliedPolicies(service: InventoryService, inventory: Inventory): AppliedPolicy[] {
  const authorization = findPolicies(inventory)
    .ofService(service)
    .map((policy) => authorizationOf(policy, service));
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

function authorizationOf(policy: AuthorizationPolicyResource, service: InventoryService): AppliedPolicy {
  const namespace = policy.metadata.namespace ?? "";
  const gateway = targetRefsOf(policy).length > 0;
  const action = policy.spec?.action ?? "ALLOW";
  return {
    resource: { apiVersion: securityVersion, kind: "AuthorizationPolicy", namespace, name: policy.metadata.name ?? "" },
    scope: gateway
      ? service.kind === "service"
        ? "service"
        : "gateway"
      : !isWide(policy)
        ? "workload"
        : namespace === rootNamespace
          ? "mesh"
          : "namespace",
    effect: action === "DENY" ? "deny" : deniesAll(policy) ? "deny-all" : "allow",
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
    resource: { apiVersion: securityVersion, kind: "PeerAuthentication", namespace, name: policy.metadata.name ?? "" },
    scope: selected ? "workload" : namespace === rootNamespace ? "mesh" : "namespace",
    effect: strict ? "require-mtls" : "permit-plain-text",
    sentence: strict ? "Refuses calls in plain text." : "Lets plain text in beside mutual TLS.",
    managedByTowpath: isOurs(policy),
    ...enforcement(policy, service),
  };
}

const isOurs = (policy: object): boolean => (policy as Live).metadata.labels?.[managedByLabel] === managedByTowpath;

function enforcement(policy: object, service: InventoryService): Pick<AppliedPolicy, "enforcedBy" | "enforcedText"> {
  if (service.kind === "gateway") {
    return { enforcedBy: ["gateway"], enforcedText: receiptText(policy) };
  }
  if (targetRefsOf(policy as AuthorizationPolicyResource).length > 0) {
    return { enforcedBy: ["waypoint"], enforcedText: receiptText(policy) };
  }
  const { captured, pods } = service.enrolment;
  if (captured === 0) {
    return { enforcedBy: [], enforcedText: "Nobody enforces it: no pod of this service is in the mesh." };
  }
  const partly = captured < pods ? `Only ${captured} of ${pods} pods are in the mesh. ` : "";
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
  const verb = policy.spec?.action === "DENY" ? "Denies" : "Lets";
  const parts = (policy.spec?.rules ?? []).map(({ from, to, when }) => {
    const who = (from ?? []).flatMap(({ source }) => [
      ...(source?.serviceAccounts ?? []),
      ...(source?.principals ?? []).map((principal) => (principal === "*" ? "any identity" : principal)),
      ...(source?.namespaces ?? []).map((name) => `namespace ${name}`),
    ]);
    const what = (to ?? []).flatMap(({ operation }) => [
      ...(operation?.methods ?? []),
      ...(operation?.paths ?? []),
      ...(operation?.hosts ?? []),
      ...(operation?.ports ?? []).map((port) => `port ${port}`),
    ]);
    const subject = who.length === 0 ? "anyone" : listNames(who);
    const object = what.length === 0 ? "" : ` (${what.join(", ")})`;
    const condition =
      (when ?? []).length === 0 ? "" : `, when ${(when ?? []).map(({ key }) => key).join(" and ")} fits`;
    return `${subject}${object}${condition}`;
  });
  return `${verb} ${parts.join("; ")}${verb === "Lets" ? " in" : ""}.`;
}
