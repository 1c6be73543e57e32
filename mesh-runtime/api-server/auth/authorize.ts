import { groups, nodeNameOf, type UserInfo } from "./user.ts";

/** What somebody wants to do. */
export type Attributes =
  | {
      readonly verb: string;
      readonly group: string;
      /** `pods`, or `pods/log` with a subresource. */
      readonly resource: string;
      readonly namespace: string | undefined;
      readonly name: string | undefined;
    }
  | { readonly verb: string; readonly path: string };

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Decides from who asks and what for; what depends on the objects themselves is admission (`node-restriction.ts`). */
export interface Authorizer {
  authorize(user: UserInfo, attributes: Attributes): Decision;
  /** What a user may do, for `kubectl auth can-i --list`. */
  rulesOf(user: UserInfo): readonly ResourceRule[];
}

/** As SelfSubjectRulesReview lists rules. */
export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

const read = ["get", "list", "watch"] as const;
const write = ["create", "update", "patch", "delete", "deletecollection"] as const;

interface Rule {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
}

const rule = (verbs: readonly string[], group: string | readonly string[], ...resources: readonly string[]): Rule => ({
  verbs,
  groups: typeof group === "string" ? [group] : group,
  resources,
});

const istio = ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"];
const gateways = ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"];
const towpath = "towpath.dev";

/** Everybody who is signed in may ask who they are and what they may do. */
const selfRules: readonly Rule[] = [
  rule(["create"], "authentication.k8s.io", "selfsubjectreviews"),
  rule(["create"], "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
];

/**
 * The control plane reads everything (of Secrets those of type `kubernetes.io/tls`, see `visible-secrets.ts`), writes
 * status of all kinds, and what it makes for Gateways.
 */
const controlPlaneRules: readonly Rule[] = [
  rule(read, "*", "*"),
  rule(read, "", "secrets"),
  rule(write, "", "pods", "services", "serviceaccounts", "configmaps", "events", "nodes", "nodes/status"),
  rule(write, "", "pods/status", "pods/binding", "pods/eviction", "services/status", "namespaces", "namespaces/status"),
  rule(write, ["apps", "events.k8s.io"], "*"),
  rule(write, [...istio, ...gateways, towpath], "*"),
  rule(["create"], "", "serviceaccounts/token"),
  rule(["create"], "authentication.k8s.io", "tokenreviews"),
  rule(["create"], "authorization.k8s.io", "subjectaccessreviews"),
];

/** What all nodes may do; which node may touch which object is `node-restriction.ts`. */
const nodeRules: readonly Rule[] = [
  rule(read, "", "nodes", "pods", "services", "namespaces"),
  rule(["create", "update", "patch"], "", "nodes", "nodes/status"),
  rule(["update", "patch", "delete"], "", "pods"),
  rule(["update", "patch"], "", "pods/status"),
  rule(["create", "update", "patch"], ["", "events.k8s.io"], "events"),
  rule(["create"], "", "serviceaccounts/token"),
];

/** The portal reads all but secrets, and writes what golden paths render; it runs as itself, people's rights are checked there. */
const portalRules: readonly Rule[] = [
  rule(["get", "list", "watch"], "*", "*"),
  rule(write, "", "namespaces", "services", "serviceaccounts", "configmaps"),
  rule(write, "apps", "deployments", "deployments/scale"),
  rule(["patch", "delete"], "", "pods"),
  rule(write, [...istio, ...gateways, towpath], "*"),
  rule(["create", "get"], "", "pods/exec"),
  rule(["get"], "", "pods/log"),
  rule(["create"], "authentication.k8s.io", "tokenreviews"),
  rule(["create"], "authorization.k8s.io", "subjectaccessreviews"),
];

const byGroup: Readonly<Record<string, readonly Rule[]>> = {
  [groups.controlPlane]: controlPlaneRules,
  [groups.portal]: portalRules,
  [groups.nodes]: nodeRules,
};

/** Paths that need no sign-in. */
const publicPaths = new Set(["/livez", "/readyz", "/healthz", "/version"]);
/** Paths that everybody who is signed in may read: what the server has to offer. */
const discoveryPaths = ["/api", "/apis", "/openapi", "/openid", "/.well-known/openid-configuration", "/version"];

const isUnder = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

/** The fixed table: nothing is allowed that no rule names. RBAC objects can take its place behind `Authorizer`. */
export function createRuleTable(): Authorizer {
  return {
    authorize(user, attributes) {
      if (user.groups.includes(groups.masters)) {
        return { allowed: true, reason: `group ${groups.masters}` };
      }
      if ("path" in attributes) {
        return nonResource(user, attributes.verb, attributes.path);
      }
      if (!user.groups.includes(groups.authenticated)) {
        return { allowed: false, reason: "sign in first" };
      }
      const own = user.groups.flatMap((group) => byGroup[group] ?? []);
      if (nodeNameOf(user) === undefined && user.groups.includes(groups.nodes)) {
        return { allowed: false, reason: "the credential names no node" };
      }
      const hit = [...selfRules, ...own].find((candidate) => matches(candidate, attributes));
      return hit === undefined
        ? { allowed: false, reason: "no rule allows it" }
        : { allowed: true, reason: "fixed rule of the embedded mesh" };
    },
    rulesOf(user) {
      if (user.groups.includes(groups.masters)) {
        return [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }];
      }
      const own = user.groups.flatMap((group) => byGroup[group] ?? []);
      return [...selfRules, ...own].map(({ verbs, groups: apiGroups, resources }) => ({ verbs, apiGroups, resources }));
    },
  };
}

function matches(candidate: Rule, { verb, group, resource }: Extract<Attributes, { resource: string }>): boolean {
  const hasResource =
    candidate.resources.includes(resource) ||
    // `*` covers subresources too, but never what hands out credentials or runs commands: that is named or denied.
    (candidate.resources.includes("*") &&
      resource !== "secrets" &&
      !/\/(exec|attach|portforward|proxy|token)$/.test(resource));
  return (
    (candidate.verbs.includes(verb) || candidate.verbs.includes("*")) &&
    (candidate.groups.includes(group) || candidate.groups.includes("*")) &&
    hasResource
  );
}

function nonResource(user: UserInfo, verb: string, path: string): Decision {
  const isRead = verb === "get" || verb === "head";
  const allowed =
    isRead &&
    (publicPaths.has(path) ||
      isUnder(path, "/livez") ||
      isUnder(path, "/readyz") ||
      (user.groups.includes(groups.authenticated) && discoveryPaths.some((prefix) => isUnder(path, prefix))));
  return { allowed, reason: allowed ? "open to all" : "no rule allows it" };
}
