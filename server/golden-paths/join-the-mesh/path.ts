import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { JoinTheMeshForm } from "@/server/contracts/golden-paths/scoped.ts";
import { dataplaneModeLabel } from "@/server/inventory/labels.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { type Intent, type IntentOf, intentKey } from "../intent.ts";
import { count, finding, type GoldenPath, listNames, type PathContext } from "../path.ts";
import type { Rendered } from "../resource.ts";
import { findNamespace, namespaceFindings, ofNamespaces, placeOf } from "../scope.ts";

const placeFor = (form: JoinTheMeshForm): string => placeOf({ scope: "namespaces", namespaces: form.namespaces });

/** Each intent becomes one label, and nothing else of the Namespace is touched (`resources.md` §1). */
export function generateJoin(intents: readonly IntentOf<"join-the-mesh">[]): Rendered[] {
  return intents.map(({ namespace }) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { [dataplaneModeLabel]: "ambient" } },
  }));
}

export const joinTheMesh: GoldenPath<"join-the-mesh"> = {
  slug: "join-the-mesh",
  ...pathHeads["join-the-mesh"],
  summary: "Encrypt and authenticate the traffic of a namespace. No restart, no change of code.",
  keywords: ["enrol", "ambient", "mtls", "encrypt", "capture", "onboard", "dataplane-mode", "lock"],

  plan(form, { current }) {
    const namespaces = [...new Set(form.namespaces)].sort();
    return {
      namespaces,
      services: [],
      changes: namespaces.map((namespace) => {
        const intent: Intent = { slug: "join-the-mesh", namespace };
        const key = intentKey(intent);
        return { key, before: current.get(key), after: form.enrolled ? intent : undefined, subject: intent };
      }),
    };
  },

  explain(form, context) {
    const pods = podsIn(form.namespaces, context);
    if (!form.enrolled) {
      return `Takes ${placeFor(form)} out of the mesh: traffic of ${count(pods, "pod")} goes in plain text again, and no policy protects it.`;
    }
    return `Brings ${count(pods, "pod")} of ${placeFor(form)} into the mesh: calls between enrolled services become mutually authenticated and encrypted. Nothing is restarted.`;
  },

  changeTitle: (form) => `${form.enrolled ? "Enrol" : "Take out"} ${listNames([...new Set(form.namespaces)].sort())}`,

  button: (form, { changed }) =>
    `${form.enrolled ? "Enrol" : "Take out"} ${count(changed || form.namespaces.length, "namespace")}`,

  confirmWord: () => "",

  inUse: ({ inventory }) =>
    ofNamespaces(inventory, (name) => findNamespace(inventory, name)?.enrolment.labelled === true),

  // The locks of the graph are the proof: any call does, and calls go on all the time.
  probes: () => [],

  refill: (of) =>
    of.slug === "join-the-mesh"
      ? { values: { namespaces: [of.namespace], enrolled: true }, summary: "in the mesh" }
      : undefined,

  findings(form, context) {
    const { inventory, current } = context;
    const found = namespaceFindings({ scope: "namespaces", namespaces: form.namespaces }, inventory);
    const policies = findPolicies(inventory);
    for (const [index, name] of form.namespaces.entries()) {
      const namespace = findNamespace(inventory, name);
      const field = `namespaces.${index}`;
      if (namespace === undefined) {
        continue;
      }
      if (namespace.enrolment.pods === 0 && form.enrolled) {
        found.push(finding("info", "no-pods", field, `${name} has no running pods yet. Those that come will join.`));
      }
      if (form.enrolled && namespace.enrolment.labelled && !current.has(`join-the-mesh/${name}`)) {
        found.push(finding("info", "managed-elsewhere", field, `${name} was enrolled by hand already.`));
      }
      const refused = policies.namespaceLockedDown(name) || policies.meshLockedDown;
      if (form.enrolled && !namespace.enrolment.labelled && refused) {
        found.push(
          finding(
            "warning",
            "callers-cut-off",
            field,
            `${name} is locked down: as soon as it has joined, callers that no rule names are refused. The impact lists them.`,
          ),
        );
      }
      if (!form.enrolled && namespace.enrolment.labelled && (refused || policies.namespaceRequiresMtls(name))) {
        found.push(
          finding(
            "warning",
            "service-not-enrolled",
            field,
            `Rules of ${name} are no longer enforced once it has left.`,
          ),
        );
      }
    }
    return found;
  },
};

function podsIn(namespaces: readonly string[], { inventory }: PathContext): number {
  return [...new Set(namespaces)].reduce((sum, name) => sum + (findNamespace(inventory, name)?.enrolment.pods ?? 0), 0);
}
