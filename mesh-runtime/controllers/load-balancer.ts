import type { Service } from "../api/service.ts";
import type { Running } from "../common/lifetime.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { ControllerContext } from "./controller-context.ts";
import { gatewayNameLabel } from "./gateway-objects.ts";
import type { PublishedPort } from "./published-port.ts";
import { resources } from "./resources.ts";
import { createWorkQueue } from "./work-queue.ts";
import { fromQueueKey, queueKey } from "./world.ts";

/**
 * The embedded mesh's load balancer: a Service of type LoadBalancer behind a Gateway of which this machine publishes a
 * port is reached at 127.0.0.1. All others stay pending, as on a cluster without a load balancer.
 */
export function startLoadBalancerStatus(
  { client, world, log }: ControllerContext,
  published: readonly PublishedPort[],
): Running {
  const reconcile = async (key: string): Promise<void> => {
    const { namespace, name } = fromQueueKey(key);
    const service = world.services.get(namespace, name);
    if (service === undefined || service.metadata?.deletionTimestamp !== undefined) {
      return;
    }
    const ingress = loadBalancerIngress(service, published);
    const actual = service.status?.loadBalancer?.ingress ?? [];
    if (JSON.stringify(actual.map(({ ip }) => ip)) === JSON.stringify(ingress.map(({ ip }) => ip))) {
      return;
    }
    const body = { status: { loadBalancer: ingress.length === 0 ? { ingress: null } : { ingress } } };
    await client
      .patch(resources.services, { namespace, name }, { type: "merge", body, subresource: "status" })
      .catch((error: unknown) => {
        if (!isKubeError(error, "notFound")) {
          throw error;
        }
      });
  };
  const queue = createWorkQueue({ name: "load-balancers", reconcile, log });
  world.services.onChange((now) => now && queue.add(queueKey(now)));
  return { close: () => queue.close() };
}

/** Addresses at which a Service is reached from outside. Pure. */
export function loadBalancerIngress(
  service: Service,
  published: readonly PublishedPort[],
): { ip: string; ipMode: "VIP" }[] {
  const gateway = service.metadata?.labels?.[gatewayNameLabel];
  const isPublished = published.some(
    (port) =>
      port.namespace === service.metadata?.namespace &&
      port.gateway === gateway &&
      service.spec?.ports?.some(({ port: servicePort }) => servicePort === port.listenerPort) === true,
  );
  return service.spec?.type === "LoadBalancer" && isPublished ? [{ ip: "127.0.0.1", ipMode: "VIP" }] : [];
}
