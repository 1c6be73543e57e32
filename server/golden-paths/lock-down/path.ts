import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { LockDownForm } from "@/server/contracts/golden-paths/scoped.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { effectProbes } from "../access/effect-probes.ts";
import { type Intent, type IntentOf, intentKey } from "../intent.ts";
import { count, finding, type GoldenPath, listNames } from "../path.ts";
import { findNamespace, isWithin, namespaceFindings, ofNamespaces, placeOf, scopeOf, targetsOf } from "../scope.ts";

/** Gateways that a policy of this namespace covers. */
function coveredGateways(namespace: string, inventory: Inventory): IntentOf<"lock-down">["openGateways"] {
  return inventory.gateways
    .filter(
      (gateway) => gateway.className === "istio" && (namespace === rootNamespace || gateway.namespace === namespace),
    )
    .map((gateway) => ({ namespace: gateway.namespace, name: gateway.name, hosts: [...gateway.hosts] }));
}

export const lockDown: GoldenPath<"lock-down"> = {
  slug: "lock-down",
  ...pathHeads["lock-down"],
  summary: "Deny every call that no rule allows, then let callers in one by one.",
  keywords: ["deny all", "zero trust", "authorizationpolicy", "deny by default", "default deny", "block"],

  plan(form, { current, inventory }) {
    const targets = targetsOf(form);
    const changes = targets.map((namespace) => {
      const openGateways = form.keepGatewaysOpen ? coveredGateways(namespace, inventory) : [];
      const intent: Intent = { slug: "lock-down", namespace, openGateways };
      const key = intentKey(intent);
      return { key, before: current.get(key), after: form.locked ? intent : undefined, subject: intent };
    });
    const gateways = changes.flatMap(({ before, after }) =>
      [before, after].flatMap((one) =>
        one?.slug === "lock-down" ? one.openGateways.map((gateway) => gateway.namespace) : [],
      ),
    );
    return { changes, namespaces: [...new Set([...targets, ...gateways])].sort(), services: [] };
  },

  explain(form, { inventory }) {
    if (!form.locked) {
      return `Opens ${placeOf(form)}: a call that no rule mentions is let in again.`;
    }
    const open = form.keepGatewaysOpen
      ? targetsOf(form).flatMap((namespace) => coveredGateways(namespace, inventory))
      : [];
    const rest =
      open.length === 0
        ? ""
        : ` Anyone may still call ${open.length === 1 ? "the gateway" : "the gateways"} ${listNames(open.map(({ name }) => name))}.`;
    return `Denies every call into ${placeOf(form)} that no rule allows.${rest} Let callers in afterwards, one by one.`;
  },

  changeTitle: (form) =>
    `${form.locked ? "Lock down" : "Open"} ${form.scope === "mesh" ? "the whole mesh" : listNames(targetsOf(form))}`,

  button: (form, { callersCutOff }) =>
    form.locked ? (callersCutOff > 0 ? `Lock down, cut off ${count(callersCutOff, "caller")}` : "Lock down") : "Open",

  inUse({ inventory }) {
    const policies = findPolicies(inventory);
    return policies.meshLockedDown ? "Whole mesh" : ofNamespaces(inventory, policies.namespaceLockedDown);
  },

  probes: (form, context) => effectProbes(lockDown.plan(form, context).changes, isWithin(form), context),

  refill: (of) =>
    of.slug === "lock-down"
      ? {
          values: { ...scopeOf(of.namespace), locked: true, keepGatewaysOpen: of.openGateways.length > 0 },
          summary: "only who is let in may call",
        }
      : undefined,

  confirmWord: (form) => (form.locked ? wordFor(form) : ""),

  findings(form, { inventory }) {
    const found = namespaceFindings(form, inventory);
    const targets = targetsOf(form);
    if (!form.locked) {
      return found;
    }
    for (const [index, name] of (form.scope === "mesh" ? [] : form.namespaces).entries()) {
      const namespace = findNamespace(inventory, name);
      if (namespace !== undefined && namespace.enrolment.captured < namespace.enrolment.pods) {
        found.push(
          finding(
            "warning",
            "namespace-not-enrolled",
            `namespaces.${index}`,
            `${count(namespace.enrolment.pods - namespace.enrolment.captured, "pod")} of ${name} ${namespace.enrolment.pods - namespace.enrolment.captured === 1 ? "is" : "are"} not in the mesh: nothing is denied there.`,
            {
              path: {
                slug: "join-the-mesh",
                title: `Enrol ${name}`,
                reason: "Rules hold for pods in the mesh only",
                values: { namespaces: [name], enrolled: true },
              },
            },
          ),
        );
      }
    }
    const gateways = targets.flatMap((namespace) => coveredGateways(namespace, inventory));
    if (gateways.length > 0 && !form.keepGatewaysOpen) {
      found.push(
        finding(
          "warning",
          "gateway-cut-off",
          "keepGatewaysOpen",
          `The gateway ${listNames(gateways.map(({ name }) => name))} refuses everybody from outside.`,
          { repair: { title: "Keep it open", values: { keepGatewaysOpen: true } } },
        ),
      );
    }
    return found;
  },
};

/** The name of the one namespace, "mesh", or how many namespaces. */
function wordFor(form: LockDownForm): string {
  const targets = targetsOf(form);
  if (form.scope === "mesh") {
    return "mesh";
  }
  return targets.length === 1 ? (targets[0] ?? "") : `${targets.length} namespaces`;
}
