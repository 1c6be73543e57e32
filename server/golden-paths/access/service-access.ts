/** Everything that is said about who may call one service, in one place. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { type IntentOf, intentKey, isServiceIntent, type ServiceIntent } from "../intent.ts";
import { type Surroundings, waypointName } from "../surroundings.ts";
import { judgesRequests } from "../waypoint/requires-waypoint.ts";

export type Grant = IntentOf<"let-a-caller-in">;
export type Block = IntentOf<"block-a-caller">;
type KeptClosed = IntentOf<"keep-closed">;
type AccessIntent = Grant | KeptClosed | Block | IntentOf<"require-sign-in"> | IntentOf<"ask-an-authorizer">;

export interface ServiceAccess {
  readonly ref: ServiceRef;
  /** Undefined while the Service does not exist. */
  readonly service: InventoryService | undefined;
  readonly grants: readonly Grant[];
  /** Says that nobody gets in as long as there are no grants. */
  readonly keptClosed: KeptClosed | undefined;
  readonly blocks: readonly Block[];
  readonly signIn: IntentOf<"require-sign-in"> | undefined;
  readonly authorizers: readonly IntentOf<"ask-an-authorizer">[];
  /**
   * Where callers are judged; undefined: at the pods. A rule about requests without any waypoint names the one that there
   * should be: then nobody gets in, instead of everybody.
   */
  readonly waypoint: ServiceRef | undefined;
  /** Some rule depends on what a request says: nobody may come to the pods past the waypoint. */
  readonly judged: boolean;
}

const isAccess = (of: ServiceIntent): of is AccessIntent =>
  of.slug === "let-a-caller-in" ||
  of.slug === "keep-closed" ||
  of.slug === "block-a-caller" ||
  of.slug === "require-sign-in" ||
  of.slug === "ask-an-authorizer";

const gathered = new WeakMap<Surroundings, readonly ServiceAccess[]>();

/** Of each service that some access intent is about, by name. Every generator asks: gathered once. */
export function serviceAccesses(surroundings: Surroundings): readonly ServiceAccess[] {
  const accesses = gathered.get(surroundings) ?? gather(surroundings);
  gathered.set(surroundings, accesses);
  return accesses;
}

function gather(surroundings: Surroundings): ServiceAccess[] {
  const intents = [...surroundings.intents.values()]
    .filter(isServiceIntent)
    .filter(isAccess)
    .toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1));
  return [...Map.groupBy(intents, ({ service }) => `${service.namespace}/${service.name}`)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, own]) => (own[0] === undefined ? [] : [accessOf(own[0].service, own, surroundings)]));
}

function accessOf(ref: ServiceRef, intents: readonly AccessIntent[], surroundings: Surroundings): ServiceAccess {
  const judged = intents.some(judgesRequests);
  const absent = { namespace: ref.namespace, name: waypointName };
  return {
    ref,
    service: findService(surroundings.inventory, ref),
    grants: intents.filter((one) => one.slug === "let-a-caller-in"),
    keptClosed: intents.find((one) => one.slug === "keep-closed"),
    blocks: intents.filter((one) => one.slug === "block-a-caller"),
    signIn: intents.find((one) => one.slug === "require-sign-in"),
    authorizers: intents.filter((one) => one.slug === "ask-an-authorizer"),
    waypoint: surroundings.waypointOf(ref) ?? (judged ? absent : undefined),
    judged,
  };
}

/** Labels of the service's pods. */
export const selectorOf = ({
  service,
  ref,
}: Pick<ServiceAccess, "service" | "ref">): Readonly<Record<string, string>> => service?.selector ?? { app: ref.name };

/** The number by which the place that judges knows a service's port. */
export type PortOf = (port: number) => number;

/** At a waypoint. */
export const servicePort: PortOf = (port) => port;

/** At the pods. */
export const podPortOf =
  (service: InventoryService | undefined): PortOf =>
  (port) =>
    service?.ports.find((candidate) => candidate.port === port)?.targetPort || port;
