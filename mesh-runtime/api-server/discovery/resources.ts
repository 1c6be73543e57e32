import type { KindDefinition } from "../../api/kind.ts";

/** One resource as discovery tells it. */
export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly DiscoveredSubresource[];
}

export interface DiscoveredSubresource {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
}

export interface DiscoveredVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

const objectVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const statusVerbs = ["get", "patch", "update"];

const reviews: readonly DiscoveredVersion[] = [
  {
    group: "authentication.k8s.io",
    version: "v1",
    resources: [review("selfsubjectreviews", "SelfSubjectReview"), review("tokenreviews", "TokenReview")],
  },
  {
    group: "authorization.k8s.io",
    version: "v1",
    resources: [
      review("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
      review("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
      review("subjectaccessreviews", "SubjectAccessReview"),
    ],
  },
];

function review(plural: string, kind: string): DiscoveredResource {
  return {
    plural,
    singular: kind.toLowerCase(),
    kind,
    namespaced: false,
    verbs: ["create"],
    shortNames: [],
    categories: [],
    subresources: [],
  };
}

function subresourcesOf(kind: KindDefinition, version: string): DiscoveredSubresource[] {
  const own = { kind: kind.kind, group: kind.group, version };
  const found: DiscoveredSubresource[] = [];
  if (kind.hasStatus) {
    found.push({ name: "status", ...own, verbs: statusVerbs });
  }
  if (kind.scale !== undefined) {
    found.push({ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: statusVerbs });
  }
  if (kind.group === "" && kind.plural === "pods") {
    found.push(
      { name: "log", ...own, verbs: ["get"] },
      { name: "exec", kind: "PodExecOptions", group: "", version: "v1", verbs: ["create", "get"] },
      { name: "binding", kind: "Binding", group: "", version: "v1", verbs: ["create"] },
      { name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
    );
  }
  if (kind.group === "" && kind.plural === "serviceaccounts") {
    const token = { kind: "TokenRequest", group: "authentication.k8s.io", version: "v1" };
    found.push({ name: "token", ...token, verbs: ["create"] });
  }
  return found;
}

/** Everything that is served, core first, then groups and versions in their order of preference. */
export function discoveredVersions(kinds: readonly KindDefinition[]): readonly DiscoveredVersion[] {
  const byVersion = new Map<string, { group: string; version: string; resources: DiscoveredResource[] }>();
  for (const kind of kinds) {
    for (const version of kind.served) {
      const key = `${kind.group}/${version}`;
      const entry = byVersion.get(key) ?? { group: kind.group, version, resources: [] };
      byVersion.set(key, entry);
      entry.resources.push({
        plural: kind.plural,
        singular: kind.singular,
        kind: kind.kind,
        namespaced: kind.namespaced,
        verbs: objectVerbs,
        shortNames: kind.shortNames,
        categories: kind.categories,
        subresources: subresourcesOf(kind, version),
      });
    }
  }
  return [...byVersion.values(), ...reviews]
    .map((entry) => ({ ...entry, resources: [...entry.resources].sort((a, b) => (a.plural < b.plural ? -1 : 1)) }))
    .sort((a, b) => (a.group === b.group ? stability(b.version) - stability(a.version) : a.group < b.group ? -1 : 1));
}

/** v1 before v1beta1 before v1alpha3. */
function stability(version: string): number {
  const [, major = "0", stage = "", minor = "0"] = /^v(\d+)(alpha|beta)?(\d+)?$/.exec(version) ?? [];
  return (stage === "" ? 2_000_000 : stage === "beta" ? 1_000_000 : 0) + Number(major) * 1_000 + Number(minor);
}
