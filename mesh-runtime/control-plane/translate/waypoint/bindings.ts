import { keyOf } from "../input/lenient.ts";
import type { PodInput } from "../input/pod.ts";
import type { ServiceInput } from "../input/service.ts";
import type { ServiceEntryInput } from "../input/service-entry.ts";
import type { World } from "../input/world.ts";
import { type Binding, bindService, bindWorkload } from "./binding.ts";
import type { Waypoint } from "./waypoint.ts";

/** What goes through which waypoint. Keys are store keys. */
export interface Bindings {
  readonly waypoints: ReadonlyMap<string, Waypoint>;
  ofService(key: string): Binding | undefined;
  ofPod(key: string): Binding | undefined;
  ofServiceEntry(key: string): Binding | undefined;
  /** Services that the waypoint is to serve, by key; also before it is ready, so that it knows them when calls come. */
  servicesOf(waypoint: string): readonly ServiceInput[];
  /** Pods that are called through it by their own address, by key. */
  podsOf(waypoint: string): readonly PodInput[];
  /** ServiceEntries that the waypoint is to serve, by key. */
  entriesOf(waypoint: string): readonly ServiceEntryInput[];
}

/** Looks up the waypoint of everything that may have one. */
export function createBindings(world: World, waypoints: ReadonlyMap<string, Waypoint>): Bindings {
  const services = new Map<string, Binding>();
  const pods = new Map<string, Binding>();
  const entries = new Map<string, Binding>();
  const servicesOf = new Map<string, ServiceInput[]>();
  const podsOf = new Map<string, PodInput[]>();
  const entriesOf = new Map<string, ServiceEntryInput[]>();
  for (const [key, service] of world.services) {
    const binding = service.type === "ExternalName" ? undefined : bindService(service, world, waypoints);
    if (binding !== undefined) {
      services.set(key, binding);
      collect(servicesOf, binding, service);
    }
  }
  for (const [key, pod] of world.pods) {
    const binding = pod.ended ? undefined : bindWorkload(pod, world, waypoints);
    if (binding !== undefined) {
      pods.set(key, binding);
      if (pod.addresses.length > 0 && pod.node !== "") {
        collect(podsOf, binding, pod);
      }
    }
  }
  for (const [key, entry] of world.serviceEntries) {
    const binding = bindService(entry, world, waypoints);
    if (binding !== undefined) {
      entries.set(key, binding);
      collect(entriesOf, binding, entry);
    }
  }
  return {
    waypoints,
    ofService: (key) => services.get(key),
    ofPod: (key) => pods.get(key),
    ofServiceEntry: (key) => entries.get(key),
    servicesOf: (waypoint) => (servicesOf.get(waypoint) ?? []).sort(byKey),
    podsOf: (waypoint) => (podsOf.get(waypoint) ?? []).sort(byKey),
    entriesOf: (waypoint) => (entriesOf.get(waypoint) ?? []).sort(byKey),
  };
}

function collect<T>(groups: Map<string, T[]>, { intended }: Binding, object: T): void {
  if (intended !== undefined) {
    const group = groups.get(intended.key);
    if (group === undefined) {
      groups.set(intended.key, [object]);
    } else {
      group.push(object);
    }
  }
}

type Bound = ServiceInput | PodInput | ServiceEntryInput;

const byKey = (a: Bound, b: Bound): number => (keyOf(a) < keyOf(b) ? -1 : 1);
