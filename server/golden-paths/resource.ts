/** Resources as the portal renders them, and the part of live objects that it compares them with. Pure. */
import { stringify } from "yaml";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { dataplaneModeLabel, intentAnnotation, managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { type Intent, intent, intentKey } from "./intent.ts";

export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

export const refOf = ({ apiVersion, kind, metadata }: Rendered): ResourceRef => ({
  apiVersion,
  kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});

/** `Kind namespace/name`, unique among the kinds that paths render. */
export const resourceKey = ({ kind, namespace, name }: ResourceRef): string => `${kind} ${namespace}/${name}`;

/** For people: "Namespace web-api", "AuthorizationPolicy web-api/deny-all". */
export const resourceName = ({ kind, namespace, name }: ResourceRef): string =>
  `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;

export const securityVersion = "security.istio.io/v1";

/** A policy of ours: who manages it and what for is written on it, so that the cluster describes itself. */
export function managed(
  kind: "AuthorizationPolicy" | "PeerAuthentication",
  namespace: string,
  name: string,
  intents: readonly Intent[],
  spec: unknown,
): Rendered {
  // Parsing puts the keys in the schema's order, whatever order the database kept them in: equal intents, equal text.
  const sorted = intents
    .toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1))
    .map((one) => intent.parse(one));
  return {
    apiVersion: securityVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: { [managedByLabel]: managedByTowpath },
      annotations: { [intentAnnotation]: JSON.stringify(sorted) },
    },
    spec,
  };
}

/**
 * The part of a live object that paths own: of a Namespace its mesh label, of a policy its spec and our marks.
 * Everything else (status, other people's labels) is left out.
 */
export function owned(live: KubeObject): Rendered {
  const { apiVersion = "", kind = "", metadata } = live;
  const name = metadata?.name ?? "";
  if (kind === "Namespace") {
    return { apiVersion, kind, metadata: { name, ...pick("labels", metadata?.labels, [dataplaneModeLabel]) } };
  }
  const { spec } = live as { readonly spec?: unknown };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: metadata?.namespace ?? "",
      ...pick("labels", metadata?.labels, [managedByLabel]),
      ...pick("annotations", metadata?.annotations, [intentAnnotation]),
    },
    spec: spec ?? {},
  };
}

function pick<F extends "labels" | "annotations">(
  field: F,
  from: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): { readonly [K in F]?: Record<string, string> } {
  const entries = names.flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]] as const]));
  return (entries.length === 0 ? {} : { [field]: Object.fromEntries(entries) }) as {
    [K in F]?: Record<string, string>;
  };
}

/** Text that is the same for equal content, whatever the order of keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

export const sameResource = (one: Rendered | undefined, other: Rendered | undefined): boolean =>
  canonical(one ?? null) === canonical(other ?? null);

/** Keys in the order in which people write them; the API server has an order of its own. */
const keyOrder = [
  "apiVersion",
  "group",
  "kind",
  "metadata",
  "name",
  "namespace",
  "labels",
  "annotations",
  "spec",
  "selector",
  "targetRefs",
  "action",
  "rules",
  "from",
  "to",
  "when",
];
const keyRank = (key: string): number => (keyOrder.includes(key) ? keyOrder.indexOf(key) : keyOrder.length);
const keyText = (key: unknown): string =>
  typeof key === "object" && key !== null && "value" in key ? String(key.value) : String(key);

/** YAML that Kubernetes' older parsers read alike (`on`, `y`, `no` are quoted); empty for nothing. */
export function toYaml(resource: Rendered | undefined): string {
  if (resource === undefined) {
    return "";
  }
  return stringify(resource, {
    version: "1.1",
    lineWidth: 0,
    aliasDuplicateObjects: false,
    sortMapEntries(one, other) {
      const [left, right] = [keyText(one.key), keyText(other.key)];
      return keyRank(left) - keyRank(right) || (left < right ? -1 : 1);
    },
  });
}
