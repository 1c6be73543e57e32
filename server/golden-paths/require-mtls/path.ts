import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { effectProbes } from "../access/effect-probes.ts";
import { type Intent, intentKey } from "../intent.ts";
import { count, finding, type GoldenPath, listNames } from "../path.ts";
import { findNamespace, isWithin, namespaceFindings, ofNamespaces, placeOf, scopeOf, targetsOf } from "../scope.ts";

export const requireMtls: GoldenPath<"require-mtls"> = {
  slug: "require-mtls",
  ...pathHeads["require-mtls"],
  summary: "Refuse plain text: whoever calls must prove who they are.",
  keywords: ["strict", "mtls", "peerauthentication", "plain text", "encryption", "permissive"],

  plan(form, { current }) {
    const namespaces = targetsOf(form);
    return {
      namespaces,
      services: [],
      changes: namespaces.map((namespace) => {
        const intent: Intent = { slug: "require-mtls", namespace };
        const key = intentKey(intent);
        return { key, before: current.get(key), after: form.required ? intent : undefined, subject: intent };
      }),
    };
  },

  explain: (form) =>
    form.required
      ? `Refuses every call in plain text to ${placeOf(form)}. Calls between enrolled services go on as they are.`
      : `Lets plain text in again for ${placeOf(form)}, beside mutual TLS.`,

  changeTitle: (form) =>
    `${form.required ? "Require mutual TLS in" : "Let plain text into"} ${form.scope === "mesh" ? "the whole mesh" : listNames(targetsOf(form))}`,

  button: (form, { callersCutOff }) =>
    form.required
      ? callersCutOff > 0
        ? `Require mutual TLS, cut off ${count(callersCutOff, "caller")}`
        : "Require mutual TLS"
      : "Let plain text in",

  confirmWord: () => "",

  inUse({ inventory }) {
    const policies = findPolicies(inventory);
    return policies.meshRequiresMtls ? "Whole mesh" : ofNamespaces(inventory, policies.namespaceRequiresMtls);
  },

  probes: (form, context) => effectProbes(requireMtls.plan(form, context).changes, isWithin(form), context),

  refill: (of) =>
    of.slug === "require-mtls"
      ? { values: { ...scopeOf(of.namespace), required: true }, summary: "plain text is refused" }
      : undefined,

  findings(form, { inventory }) {
    const found = namespaceFindings(form, inventory);
    const policies = findPolicies(inventory);
    if (form.required) {
      for (const [index, name] of (form.scope === "mesh" ? [] : form.namespaces).entries()) {
        const namespace = findNamespace(inventory, name);
        if (namespace !== undefined && namespace.enrolment.captured < namespace.enrolment.pods) {
          found.push(
            finding(
              "warning",
              "namespace-not-enrolled",
              `namespaces.${index}`,
              `${namespace.enrolment.captured} of ${namespace.enrolment.pods} pods of ${name} are in the mesh: the rule holds only for those.`,
              {
                path: {
                  slug: "join-the-mesh",
                  title: `Enrol ${name}`,
                  reason: "The rule holds for pods in the mesh only",
                  values: { namespaces: [name], enrolled: true },
                },
              },
            ),
          );
        }
        if (policies.meshRequiresMtls) {
          found.push(
            finding(
              "info",
              "nothing-changes",
              `namespaces.${index}`,
              `The whole mesh requires mutual TLS already, ${name} too.`,
            ),
          );
        }
      }
    } else if (form.scope === "namespaces" && policies.meshRequiresMtls) {
      found.push(
        finding(
          "warning",
          "mesh-rule-remains",
          "",
          "The whole mesh requires mutual TLS: plain text stays refused here too.",
          {
            path: {
              slug: "require-mtls",
              title: "Change the rule of the mesh",
              reason: `It is in ${rootNamespace}`,
              values: { scope: "mesh", namespaces: [], required: false },
            },
          },
        ),
      );
    }
    return found;
  },
};
