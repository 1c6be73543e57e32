import { rootNamespaceDefault } from "./compile-authorization.ts";
import type { Authorization, Group, Match, Rule } from "./model.ts";
import { type MutualTlsFields, nameOf, namespaceOf, type PeerAuthenticationResource, selects } from "./resource.ts";

/** Name of the policy that stands for STRICT; it lives in the root namespace. */
export const staticStrictName = "istio_converted_static_strict";

const convertedName = (name: string): string => `converted_peer_authentication_${name}`;

const plainText: Match = { notPrincipals: [{ kind: "presence" }] };

/** The PeerAuthentications that count for a namespace. */
interface Inheritance {
  readonly mesh: PeerAuthenticationResource | undefined;
  readonly namespace: PeerAuthenticationResource | undefined;
}

/**
 * The layer 4 policies that stand for all PeerAuthentications, as istiod sends them: one for STRICT when there is any
 * PeerAuthentication at all, and one for each that has ports unlike its own mode.
 *
 * istiod 1.29 forgets the latter for "PERMISSIVE with STRICT ports" under a STRICT mesh, while the workload names it;
 * here it is sent.
 */
export function compilePeerAuthentications(
  resources: readonly PeerAuthenticationResource[],
  rootNamespace: string = rootNamespaceDefault,
): Authorization[] {
  if (resources.length === 0) {
    return [];
  }
  const compiled = [deny(rootNamespace, staticStrictName, [{ rules: [{ matches: [plainText] }] }])];
  for (const resource of resources) {
    const groups = portGroups(resource, resources, rootNamespace);
    if (groups.length > 0) {
      compiled.push(deny(namespaceOf(resource), convertedName(nameOf(resource)), groups));
    }
  }
  return compiled;
}

/** Keys of the policies above that bind a workload. */
export function peerAuthenticationKeys(
  resources: readonly PeerAuthenticationResource[],
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  rootNamespace: string = rootNamespaceDefault,
): string[] {
  const own = oldest(
    resources.filter(
      (resource) =>
        hasSelector(resource) &&
        namespaceOf(resource) === workload.namespace &&
        workload.namespace !== rootNamespace &&
        selects(resource.spec?.selector, workload.labels),
    ),
  );
  if (own !== undefined && portGroups(own, resources, rootNamespace).length > 0) {
    return [`${namespaceOf(own)}/${convertedName(nameOf(own))}`];
  }
  const inherited = isStrictByInheritance(inheritanceOf(workload.namespace, resources, rootNamespace));
  const strict = own === undefined ? inherited : isStrict(own.spec?.mtls, inherited);
  return strict ? [`${rootNamespace}/${staticStrictName}`] : [];
}

/**
 * What must be denied when ports differ from the workload's mode; empty when they do not.
 * A port set to DISABLE under STRICT stays STRICT, as with istiod 1.29.
 */
function portGroups(
  resource: PeerAuthenticationResource,
  resources: readonly PeerAuthenticationResource[],
  rootNamespace: string,
): Group[] {
  if (!hasSelector(resource) || namespaceOf(resource) === rootNamespace) {
    return [];
  }
  const ports = Object.entries(resource.spec?.portLevelMtls ?? {})
    .map(([port, mtls]) => ({ port: Number(port), mode: mtls.mode ?? "UNSET" }))
    .sort((one, other) => one.port - other.port);
  const inherited = isStrictByInheritance(inheritanceOf(namespaceOf(resource), resources, rootNamespace));
  if (!isStrict(resource.spec?.mtls, inherited)) {
    return ports
      .filter(({ mode }) => mode === "STRICT")
      .map(({ port }) => ({ rules: [{ matches: [{ ...plainText, destinationPorts: [port] }] }] }));
  }
  const exceptions: Rule[] = ports
    .filter(({ mode }) => mode === "PERMISSIVE")
    .map(({ port }) => ({ matches: [{ notDestinationPorts: [port] }] }));
  return exceptions.length === 0 ? [] : [{ rules: [{ matches: [plainText] }, ...exceptions] }];
}

function inheritanceOf(
  namespace: string,
  resources: readonly PeerAuthenticationResource[],
  rootNamespace: string,
): Inheritance {
  const wide = resources.filter((resource) => !hasSelector(resource));
  return {
    mesh: oldest(wide.filter((resource) => namespaceOf(resource) === rootNamespace)),
    namespace:
      namespace === rootNamespace ? undefined : oldest(wide.filter((resource) => namespaceOf(resource) === namespace)),
  };
}

const isStrictByInheritance = ({ mesh, namespace }: Inheritance): boolean =>
  isStrict(namespace?.spec?.mtls, isStrict(mesh?.spec?.mtls, false));

/** STRICT; PERMISSIVE and DISABLE both let plain text in; UNSET inherits. */
function isStrict(mtls: MutualTlsFields | undefined, inherited: boolean): boolean {
  switch (mtls?.mode) {
    case "STRICT":
      return true;
    case "PERMISSIVE":
    case "DISABLE":
      return false;
    default:
      return inherited;
  }
}

const hasSelector = ({ spec }: PeerAuthenticationResource): boolean =>
  Object.keys(spec?.selector?.matchLabels ?? {}).length > 0;

/** Of several that would count, the oldest does; by name when they are of the same second. */
function oldest(resources: readonly PeerAuthenticationResource[]): PeerAuthenticationResource | undefined {
  return resources.toSorted(
    (one, other) =>
      compareText(one.metadata.creationTimestamp ?? "", other.metadata.creationTimestamp ?? "") ||
      compareText(nameOf(one), nameOf(other)),
  )[0];
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const deny = (namespace: string, name: string, groups: readonly Group[]): Authorization => ({
  name,
  namespace,
  scope: "WORKLOAD_SELECTOR",
  action: "DENY",
  dryRun: false,
  groups,
});
