/** Resources as the portal renders them, and the part of live objects that it compares them with. Pure. */
import { stringify } from "yaml";
import type { ResourceRef } from "@/server/contracts/names.ts";
import { intentAnnotation, managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
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
  /** Of a ConfigMap. */
  readonly data?: unknown;
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

/** Versions of the kinds that paths render. */
export const apiVersions = {
  Namespace: "v1",
  Service: "v1",
  ConfigMap: "v1",
  Deployment: "apps/v1",
  Gateway: "gateway.networking.k8s.io/v1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
  AuthorizationPolicy: "security.istio.io/v1",
  PeerAuthentication: "security.istio.io/v1",
  RequestAuthentication: "security.istio.io/v1",
  DestinationRule: "networking.istio.io/v1",
  VirtualService: "networking.istio.io/v1",
  ServiceEntry: "networking.istio.io/v1",
  RateLimitPolicy: "towpath.dev/v1alpha1",
} as const;
export type RenderedKind = keyof typeof apiVersions;

/** Parsing puts the keys in the schema's order, whatever order the database kept them in: equal intents, equal text. */
export const intentText = (intents: readonly Intent[]): string =>
  JSON.stringify(
    intents.toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1)).map((one) => intent.parse(one)),
  );

/** An object of ours: who manages it and what for is written on it, so that the cluster describes itself. */
export function managed(
  kind: RenderedKind,
  namespace: string,
  name: string,
  intents: readonly Intent[],
  spec: unknown,
  labels: Readonly<Record<string, string>> = {},
): Rendered {
  return {
    apiVersion: apiVersions[kind],
    kind,
    metadata: {
      name,
      namespace,
      labels: { [managedByLabel]: managedByTowpath, ...labels },
      annotations: { [intentAnnotation]: intentText(intents) },
    },
    spec,
  };
}

/**
 * Single fields of an object that belongs to somebody else. `intents` are those that are written nowhere else; without
 * any there is no annotation.
 */
export function partOf(
  kind: RenderedKind,
  namespace: string,
  name: string,
  part: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: unknown;
    readonly data?: unknown;
    readonly intents?: readonly Intent[];
  },
): Rendered {
  const { labels, spec, data, intents = [] } = part;
  const annotations = {
    ...part.annotations,
    ...(intents.length === 0 ? {} : { [intentAnnotation]: intentText(intents) }),
  };
  return {
    apiVersion: apiVersions[kind],
    kind,
    metadata: {
      name,
      ...(namespace === "" ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...(spec === undefined ? {} : { spec }),
    ...(data === undefined ? {} : { data }),
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
