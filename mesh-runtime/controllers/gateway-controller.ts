import type { Gateway } from "../api/gateway.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Running } from "../common/lifetime.ts";
import type { ResourceRef } from "../kube-client/resource.ts";
import type { ControllerContext } from "./controller-context.ts";
import { gatewayNameLabel, gatewayObjects, isMadeHere } from "./gateway-objects.ts";
import type { PublishedPort } from "./published-port.ts";
import { resources } from "./resources.ts";
import { createWorkQueue } from "./work-queue.ts";
import { fromQueueKey, queueKey } from "./world.ts";

const fieldManager = "istio.io/gateway-controller";

/**
 * Makes ServiceAccount, Service and Deployment for each Gateway of class `istio` or `istio-waypoint`, and puts back what
 * others change in the fields that it owns. They go with their Gateway by owner reference.
 */
export function startGatewayController(
  { client, world, log, events }: ControllerContext,
  published: readonly PublishedPort[],
): Running {
  const apply = async <T extends KubeObject>(kind: ResourceRef<T>, object: T): Promise<void> => {
    const { metadata } = object;
    await client.patch(kind, metadata ?? {}, { type: "apply", body: object, force: true }, { fieldManager });
  };
  const reconcile = async (key: string): Promise<void> => {
    const { namespace, name } = fromQueueKey(key);
    const gateway = world.gateways.get(namespace, name);
    if (gateway === undefined || !isMadeHere(gateway) || gateway.metadata?.deletionTimestamp !== undefined) {
      return;
    }
    const objects = gatewayObjects(gateway, published);
    // Taken over, a Service would lead its callers here, and an account would lend its identity.
    const { name: wanted = "" } = objects.deployment.metadata ?? {};
    const taken = [
      world.deployments.get(namespace, wanted),
      world.services.get(namespace, wanted),
      world.serviceAccounts.get(namespace, wanted),
    ].find((object) => object !== undefined && !ownedBy(object, gateway));
    if (taken !== undefined) {
      const message = `${taken.kind} ${wanted} exists and belongs to somebody else; delete it or rename the Gateway`;
      events.record(gateway, { type: "Warning", reason: "NameTaken", message });
      return;
    }
    // The pods need the account, the account's pods need the service's ports to be known: in this order.
    await apply(resources.serviceAccounts, objects.serviceAccount);
    await apply(resources.services, objects.service);
    await apply(resources.deployments, objects.deployment);
  };
  const queue = createWorkQueue({ name: "gateways", reconcile, log });
  world.gateways.onChange((now, before) => {
    if (now !== undefined && wishOf(now) !== wishOf(before)) {
      queue.add(queueKey(now));
    }
  });
  const watchOwned = (now: KubeObject | undefined, before: KubeObject | undefined): void => {
    const gateway =
      (now ?? before)?.metadata?.labels?.[gatewayNameLabel] ?? before?.metadata?.labels?.[gatewayNameLabel];
    if (gateway !== undefined && before !== undefined && wishOf(now) !== wishOf(before)) {
      queue.add(`${before.metadata?.namespace ?? ""}/${gateway}`);
    }
  };
  world.deployments.onChange(watchOwned);
  world.services.onChange(watchOwned);
  world.serviceAccounts.onChange(watchOwned);
  return { close: () => queue.close() };
}

const ownedBy = (object: KubeObject, gateway: Gateway): boolean =>
  object.metadata?.ownerReferences?.some(({ uid }) => uid === gateway.metadata?.uid) === true;

/** Everything of an object but its status and bookkeeping. */
function wishOf(object: (KubeObject & { spec?: unknown }) | undefined): string {
  const { metadata, spec } = object ?? {};
  return JSON.stringify([
    metadata?.uid,
    metadata?.labels,
    metadata?.annotations,
    metadata?.ownerReferences,
    metadata?.deletionTimestamp,
    spec,
  ]);
}
