import type { WaypointAddress } from "../../../xds/model.ts";
import { matchesSelector } from "../input/gateway.ts";
import type { World } from "../input/world.ts";
import type { Waypoint } from "./waypoint.ts";

const useWaypointLabel = "istio.io/use-waypoint";
const waypointNamespaceLabel = "istio.io/use-waypoint-namespace";
const ingressLabel = "istio.io/ingress-use-waypoint";
const managedLabel = "gateway.istio.io/managed";
const waypointManager = "istio.io-mesh-controller";

/** Why an object that names a waypoint does not go through it, in Istio's words. */
export interface BindingRefusal {
  readonly reason: "WaypointIsNotReady" | "AttachmentDenied" | "UnsupportedTrafficType";
  readonly message: string;
}

/** What the labels of an object and of its namespace say about its waypoint. */
export interface Binding {
  /** `<namespace>/<name>` of the Gateway that is named. */
  readonly named: string;
  /** The waypoint that is to serve it, ready or not; absent when it may not or does not exist. */
  readonly intended: Waypoint | undefined;
  /** Absent once calls go through the waypoint. */
  readonly refusal: BindingRefusal | undefined;
  /** Ingress gateways go through it too. */
  readonly ingress: boolean;
  /** Somebody wrote the label for ingress gateways, with whatever value. */
  readonly ingressLabelled: boolean;
}

interface Labelled {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** True for the Service and the pods of a waypoint: they have no waypoint themselves. */
export const isWaypointObject = (labels: Readonly<Record<string, string>>): boolean =>
  labels[managedLabel] === waypointManager;

/** Whether the labels name a waypoint; `none` names none. */
export const namesWaypoint = (labels: Readonly<Record<string, string>>): boolean =>
  (labels[useWaypointLabel] ?? "") !== "" && labels[useWaypointLabel] !== "none";

/** The waypoint of a Service, by its own label before its namespace's (Istio "Configure a waypoint"). */
export function bindService(service: Labelled, world: World, waypoints: Waypoints): Binding | undefined {
  return bind(service, "service", world, waypoints);
}

/** The waypoint of a pod that is called by its own address. A namespace's label binds it only where it can. */
export function bindWorkload(pod: Labelled, world: World, waypoints: Waypoints): Binding | undefined {
  const binding = bind(pod, "workload", world, waypoints);
  const inherited = !Object.hasOwn(pod.labels, useWaypointLabel);
  return inherited && binding?.refusal?.reason === "UnsupportedTrafficType" ? undefined : binding;
}

type Waypoints = ReadonlyMap<string, Waypoint>;

function bind(
  object: Labelled,
  traffic: "service" | "workload",
  world: World,
  waypoints: Waypoints,
): Binding | undefined {
  if (isWaypointObject(object.labels) || object.labels[useWaypointLabel] === "none") {
    return undefined;
  }
  const namespace = world.namespaces.get(object.namespace);
  const source = namesWaypoint(object.labels) ? object.labels : (namespace?.labels ?? {});
  if (!namesWaypoint(source)) {
    return undefined;
  }
  const ingress = object.labels[ingressLabel] ?? namespace?.labels[ingressLabel];
  const named = `${source[waypointNamespaceLabel] ?? object.namespace}/${source[useWaypointLabel]}`;
  const verdict = judge(named, object.namespace, namespace?.labels ?? {}, traffic, waypoints);
  return { named, ...verdict, ingress: ingress === "true", ingressLabelled: ingress !== undefined };
}

function judge(
  named: string,
  namespace: string,
  namespaceLabels: Readonly<Record<string, string>>,
  traffic: "service" | "workload",
  waypoints: Waypoints,
): Pick<Binding, "intended" | "refusal"> {
  const waypoint = waypoints.get(named);
  const notReady: BindingRefusal = { reason: "WaypointIsNotReady", message: `waypoint "${named}" is not ready` };
  if (waypoint === undefined) {
    return { intended: undefined, refusal: notReady };
  }
  const denied = denialOf(waypoint, named, namespace, namespaceLabels, traffic);
  return denied === undefined
    ? { intended: waypoint, refusal: waypoint.everReady ? undefined : notReady }
    : { intended: undefined, refusal: waypoint.everReady ? denied : notReady };
}

function denialOf(
  { gateway, takes }: Waypoint,
  named: string,
  namespace: string,
  namespaceLabels: Readonly<Record<string, string>>,
  traffic: "service" | "workload",
): BindingRefusal | undefined {
  const listener = gateway.listeners.find(({ protocol, port }) => protocol === "HBONE" && port === 15_008);
  const allowed =
    listener?.allowedFrom === "All" ||
    (listener?.allowedFrom === "Selector"
      ? listener.allowedSelector !== undefined && matchesSelector(listener.allowedSelector, namespaceLabels)
      : namespace === gateway.namespace && listener?.allowedFrom !== "None");
  if (!allowed) {
    return {
      reason: "AttachmentDenied",
      message: `we are not permitted to attach to waypoint "${named}" (missing allowedRoutes?)`,
    };
  }
  return takes.has(traffic)
    ? undefined
    : {
        reason: "UnsupportedTrafficType",
        message: `attempting to bind to traffic type "${traffic}" which the waypoint "${named}" does not support`,
      };
}

/** Where agents find the waypoint of a binding; absent while calls go straight to the pods. */
export const waypointAddressOf = (binding: Binding | undefined): WaypointAddress | undefined =>
  binding?.refusal === undefined ? binding?.intended?.address : undefined;
