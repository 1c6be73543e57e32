/** Rendered resources against the API's own admission and the control plane's translation. Test code. */
import { admit, admitApplied } from "../../mesh-runtime/api/admission.ts";
import { type KubeObject, parseApiVersion } from "../../mesh-runtime/api/meta.ts";
import { kindByGvk } from "../../mesh-runtime/api/registry.ts";
import type { WantedCondition } from "../../mesh-runtime/control-plane/translate/conditions.ts";
import { translate } from "../../mesh-runtime/control-plane/translate/translate.ts";
import { facts } from "../../mesh-runtime/control-plane/translate/world.suite.ts";
import { type Intent, intentSet } from "../../server/golden-paths/intent.ts";
import { isWholeOurs } from "../../server/golden-paths/owned-part.ts";
import { render } from "../../server/golden-paths/render.ts";
import type { Rendered } from "../../server/golden-paths/resource.ts";
import { groupByService } from "../../server/golden-paths/service-intents.ts";
import { planRoutes } from "../../server/golden-paths/service-routes/plan-routes.ts";
import { matchesOf } from "../../server/golden-paths/service-routes/render-http-route.ts";
import { matchesMax, needsVirtualService, rulesMax } from "../../server/golden-paths/service-routes/route-plan.ts";
import { waypointClass } from "../../server/inventory/labels.ts";
import { clusterObjects, inventoryOf, type KubeLike, worldOf } from "./cluster.ts";

export const inventory = inventoryOf(clusterObjects);
export const rendered = (intents: readonly Intent[]): Rendered[] => [...render(intentSet(intents), inventory).values()];

/** Whether each service's rules have room in a route; findings refuse what has not. */
export const haveRoom = (intents: readonly Intent[]): boolean =>
  [...groupByService(intentSet(intents)).values()].every((own) => {
    const plan = planRoutes(own);
    const matches = plan?.rules.reduce((sum, rule) => sum + matchesOf(rule).length, 0) ?? 0;
    return plan === undefined || needsVirtualService(plan) || (plan.rules.length <= rulesMax && matches <= matchesMax);
  });

/** As server-side apply leaves the object of somebody else: the part is in it. */
export function applied(part: Rendered): KubeLike {
  const live = clusterObjects.find(
    ({ kind, metadata }) =>
      kind === part.kind && metadata.name === part.metadata.name && metadata.namespace === part.metadata.namespace,
  );
  if (live === undefined || isWholeOurs(part)) {
    return part as KubeLike;
  }
  return {
    ...live,
    metadata: {
      ...live.metadata,
      labels: { ...live.metadata.labels, ...part.metadata.labels },
      annotations: { ...live.metadata.annotations, ...part.metadata.annotations },
    },
    spec: { ...(live.spec as object), ...(part.spec as object | undefined) },
  };
}

export function admitted(part: Rendered) {
  const object = applied(part);
  const version = parseApiVersion(object.apiVersion);
  const kind = version === undefined ? undefined : kindByGvk({ ...version, kind: object.kind });
  if (kind === undefined) {
    throw new Error(`no kind ${object.kind}`);
  }
  const { name, namespace = "" } = object.metadata;
  const isPart = object === (part as KubeLike) && !isWholeOurs(part);
  // A few fields of an object that is not in this cluster: they are applied to it wherever it is.
  const status = isPart ? admitApplied({ kind, object, name, namespace }) : undefined;
  return isPart
    ? { ok: status === undefined, object, warnings: [], status }
    : admit({ kind, operation: "create", object, namespace, fieldValidation: "Strict" });
}

/** Conditions that say no, of everything that was rendered: `Kind namespace/name: reason message`. */
export function complaints(resources: readonly Rendered[]): string[] {
  const ours = resources.map(applied).flatMap(deployed);
  const names = new Set(ours.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`));
  const others = clusterObjects.filter(
    ({ kind, metadata }) => !names.has(`${kind}/${metadata.namespace}/${metadata.name}`),
  );
  const translation = translate(worldOf([...others, ...ours]), facts);
  const { policies, broken, gateways, entries, routes, effects } = translation;
  const say = (key: string, conditions: readonly (WantedCondition | undefined)[]): string[] =>
    conditions.flatMap((one) =>
      one === undefined || (!isNo(one) && one.reason !== "NoCatchAll") ? [] : [`${key}: ${one.reason} ${one.message}`],
    );
  return [
    ...[...broken].map((key) => `policies/${key}: does not compile`),
    ...policies.flatMap((policy) =>
      say(`policies/${policy.namespace}/${policy.name}`, translation.policyConditions(policy)),
    ),
    ...[...gateways].flatMap(([key, { conditions, listeners }]) =>
      // Nobody deploys pods here, so no Gateway gets an address.
      say(`gateways/${key}`, [
        ...conditions.filter(({ reason }) => reason !== "AddressNotAssigned"),
        ...listeners.flatMap((listener) => listener.conditions),
      ]),
    ),
    ...[...entries].flatMap(([key, { bound, effect }]) => say(`entries/${key}`, [bound, effect])),
    ...routes.flatMap(({ meshRoute: { key }, parents }) =>
      say(key, [...parents.flatMap(({ conditions }) => conditions), ...translation.routeEffects(key)]),
    ),
    ...Object.entries<ReadonlyMap<string, readonly WantedCondition[]>>({ ...effects }).flatMap(([what, of]) =>
      [...of].flatMap(([key, conditions]) => say(`${what}/${key}`, conditions)),
    ),
    ...["shop/history", "shop/orders"].flatMap((key) => say(key, [translation.closed(key)])),
  ];
}

let waypoints = 0;

/** A waypoint as it stands once it has come: with an address, behind its Service. */
function deployed(object: KubeLike): readonly KubeLike[] {
  const { kind, metadata, spec } = object;
  if (kind !== "Gateway" || (spec as { gatewayClassName?: string }).gatewayClassName !== waypointClass) {
    return [object];
  }
  const value = `10.1.8.${++waypoints % 250}`;
  const selector = { "gateway.networking.k8s.io/gateway-name": metadata.name };
  const labels = {
    ...selector,
    "gateway.istio.io/managed": "istio.io-mesh-controller",
    "gateway.networking.k8s.io/gateway-class-name": waypointClass,
  };
  return [
    {
      ...object,
      status: {
        addresses: [{ type: "IPAddress", value }],
        conditions: [{ type: "Programmed", status: "True", message: "Resource programmed" }],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace: metadata.namespace ?? "", name: metadata.name, labels },
      spec: { clusterIP: value, selector, ports: [{ name: "mesh", port: 15_008 }] },
    },
  ];
}

/** "Conflicted: False" is good news. */
const isNo = ({ type, status }: WantedCondition): boolean => status === (type === "Conflicted" ? "True" : "False");

/** As the API server keeps it: who wrote the annotation. */
export function stored(part: Rendered): KubeObject {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:towpath.dev/intent": {} } } };
  const { metadata, ...object } = applied(part);
  const managedFields = [{ manager: "towpath", operation: "Apply" as const, fieldsV1 }];
  return { ...object, metadata: { ...metadata, managedFields } };
}
