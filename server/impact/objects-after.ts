/** The cluster as it would be after objects were written, with what the control plane would make of it. Pure. */

import { findCondition } from "@/mesh-runtime/api/conditions.ts";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { isJsonObject } from "@/server/golden-paths/json-object.ts";
import { isWholeOurs } from "@/server/golden-paths/owned-part.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { buildInventory } from "@/server/inventory/build.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import {
  dataplaneModeLabel,
  gatewayNameLabel,
  redirectionAnnotation,
  waypointClass,
} from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** An object that is written: our part of it before and after; `after` undefined removes it. */
export interface WrittenObject {
  readonly ref: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly before: Rendered | undefined;
  readonly after: Rendered | undefined;
}

const listOf = {
  Namespace: "namespaces",
  Service: "services",
  Gateway: "gateways",
  HTTPRoute: "routes",
  AuthorizationPolicy: "authorizationPolicies",
  PeerAuthentication: "peerAuthentications",
  RequestAuthentication: "requestAuthentications",
  DestinationRule: "destinationRules",
  VirtualService: "virtualServices",
  RateLimitPolicy: "rateLimitPolicies",
  ServiceEntry: "serviceEntries",
  ConfigMap: "configMaps",
} as const satisfies Readonly<Record<string, keyof ClusterObjects>>;

const isListed = (kind: string): kind is keyof typeof listOf => kind in listOf;

/**
 * The inventory after the objects are written and everything settled: namespaces that join are captured, waypoints that
 * come are ready and bound.
 */
export function inventoryAfter(inventory: Inventory, written: readonly WrittenObject[]): Inventory {
  if (written.length === 0) {
    return inventory;
  }
  const lists = new Map<keyof ClusterObjects, KubeObject[]>();
  for (const step of written.filter(({ ref }) => isListed(ref.kind))) {
    const { kind, namespace, name } = step.ref;
    const list = listOf[kind as keyof typeof listOf];
    const objects = lists.get(list) ?? [...(inventory.objects[list] as readonly KubeObject[])];
    const isIt = ({ metadata }: KubeObject): boolean =>
      metadata?.name === name && (metadata.namespace ?? "") === namespace;
    const live = objects.find(isIt);
    const rest = objects.filter((object) => !isIt(object));
    const after = step.after === undefined ? undefined : afterApply(live, step.before, step.after);
    lists.set(list, after === undefined ? rest : [...rest, after]);
  }
  // Each list holds objects of its own kind: what is rendered is valid for it.
  const objects = { ...inventory.objects, ...Object.fromEntries(lists) } as ClusterObjects;
  return buildInventory(settled(objects, inventory.objects));
}

/** One object after server-side apply: fields that we gave up go, fields that we name are set. */
function afterApply(live: KubeObject | undefined, before: Rendered | undefined, after: Rendered): KubeObject {
  if (live === undefined) {
    return after as KubeObject;
  }
  const merged = (field: "labels" | "annotations"): Record<string, string> => {
    const kept = Object.entries(live.metadata?.[field] ?? {}).filter(
      ([key]) => before?.metadata[field]?.[key] === undefined,
    );
    return { ...Object.fromEntries(kept), ...after.metadata[field] };
  };
  const { spec, data } = live as { readonly spec?: unknown; readonly data?: unknown };
  const whole = isWholeOurs(after);
  return {
    ...live,
    metadata: { ...live.metadata, labels: merged("labels"), annotations: merged("annotations") },
    ...(after.spec === undefined && before?.spec === undefined
      ? {}
      : { spec: whole ? after.spec : patched(without(spec, before?.spec), after.spec) }),
    ...(after.data === undefined ? {} : { data: patched(data, after.data) }),
  } as KubeObject;
}

/** Lists of named entries merge by name, as server-side apply does. */
function patched(live: unknown, part: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(part) && part.every((entry) => isJsonObject(entry) && "name" in entry)) {
    const names = new Set(part.map((entry: Record<string, unknown>) => entry["name"]));
    return [...live.filter((entry) => !isJsonObject(entry) || !names.has(entry["name"])), ...(part as unknown[])];
  }
  if (isJsonObject(live) && isJsonObject(part)) {
    return {
      ...live,
      ...Object.fromEntries(Object.entries(part).map(([key, value]) => [key, patched(live[key], value)])),
    };
  }
  return part === undefined ? live : part;
}

/** `live` without what a part of it says: scalar fields and named entries. */
function without(live: unknown, part: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(part)) {
    const names = new Set(part.flatMap((entry) => (isJsonObject(entry) ? [entry["name"]] : [])));
    return live.filter((entry) => !isJsonObject(entry) || !names.has(entry["name"]));
  }
  if (!isJsonObject(live) || !isJsonObject(part)) {
    return live;
  }
  return Object.fromEntries(
    Object.entries(live).flatMap(([key, value]) => {
      if (!(key in part)) {
        return [[key, value]];
      }
      const rest = isJsonObject(value) || Array.isArray(value) ? without(value, part[key]) : undefined;
      return isJsonObject(rest) && Object.keys(rest).length === 0 ? [] : rest === undefined ? [] : [[key, rest]];
    }),
  );
}

interface Labelled {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> | undefined } | undefined;
}

/** What agents and control plane would say once they had seen it all. */
function settled(after: ClusterObjects, before: ClusterObjects): ClusterObjects {
  const modes = changedModes(after, before);
  return {
    ...after,
    gateways: after.gateways.map((gateway) =>
      before.gateways.includes(gateway) || gateway.status !== undefined
        ? gateway
        : ({
            ...gateway,
            status: {
              conditions: [{ type: "Programmed", status: "True" as const, reason: "Programmed", message: "" }],
            },
          } as typeof gateway),
    ),
    pods: after.pods.map((pod) => {
      const { namespace = "", labels = {}, annotations = {} } = pod.metadata ?? {};
      const mode = modes.get(namespace);
      if (mode === undefined || labels[gatewayNameLabel] !== undefined || labels[dataplaneModeLabel] !== undefined) {
        return pod;
      }
      const { [redirectionAnnotation]: _, ...rest } = annotations;
      return {
        ...pod,
        metadata: { ...pod.metadata, annotations: mode ? { ...rest, [redirectionAnnotation]: "enabled" } : rest },
      };
    }),
    services: after.services.map((service) => {
      const then = wishedWaypoint(service, after);
      const now = wishedWaypoint(
        before.services.find((one) => sameName(one, service)),
        before,
      );
      return then === now ? service : bound(service, then);
    }),
  };
}

const sameName = (one: KubeObject, other: KubeObject): boolean =>
  one.metadata?.name === other.metadata?.name && one.metadata?.namespace === other.metadata?.namespace;

const isAmbient = ({ metadata }: Labelled): boolean => metadata?.labels?.[dataplaneModeLabel] === "ambient";

/** Namespaces that join or leave. */
function changedModes(after: ClusterObjects, before: ClusterObjects): ReadonlyMap<string, boolean> {
  const were = new Map(before.namespaces.map((one) => [one.metadata?.name ?? "", isAmbient(one)]));
  return new Map(
    after.namespaces.flatMap((one) => {
      const name = one.metadata?.name ?? "";
      return (were.get(name) ?? false) === isAmbient(one) ? [] : [[name, isAmbient(one)] as const];
    }),
  );
}

/** `<namespace>/<name>` of the waypoint that labels ask for, when it exists; empty for none. */
function wishedWaypoint(
  service: ClusterObjects["services"][number] | undefined,
  { namespaces, gateways }: ClusterObjects,
): string {
  const own = service?.metadata?.namespace ?? "";
  const labels = [service, namespaces.find(({ metadata }) => metadata?.name === own)]
    .map((one: Labelled | undefined) => one?.metadata?.labels ?? {})
    .find((candidate) => candidate["istio.io/use-waypoint"] !== undefined);
  const name = labels?.["istio.io/use-waypoint"];
  const namespace = labels?.["istio.io/use-waypoint-namespace"] ?? own;
  const exists = gateways.some(
    ({ metadata, spec }) =>
      metadata?.name === name && metadata?.namespace === namespace && spec?.gatewayClassName === waypointClass,
  );
  return name === undefined || name === "none" || !exists ? "" : `${namespace}/${name}`;
}

const boundType = "istio.io/WaypointBound";

function bound(service: ClusterObjects["services"][number], waypoint: string): ClusterObjects["services"][number] {
  const conditions = service.status?.conditions ?? [];
  const old = findCondition(conditions, boundType);
  const rest = conditions.filter((condition) => condition !== old);
  const made = {
    type: boundType,
    status: "True",
    reason: "WaypointAccepted",
    message: `Successfully attached to waypoint ${waypoint}`,
  };
  return {
    ...service,
    status: { ...service.status, conditions: waypoint === "" ? rest : [...rest, made] },
  } as typeof service;
}
