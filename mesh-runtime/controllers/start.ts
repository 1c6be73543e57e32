import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { createEventRecorder } from "../kube-client/event-recorder.ts";
import type { ControllerContext } from "./controller-context.ts";
import { startDefaultServiceAccounts } from "./default-service-account.ts";
import { startDeploymentController } from "./deployment-controller.ts";
import { startGatewayController } from "./gateway-controller.ts";
import { startLoadBalancerStatus } from "./load-balancer.ts";
import { startNodeLife } from "./node-life.ts";
import type { PublishedPort } from "./published-port.ts";
import { startScheduler } from "./scheduler.ts";
import { createWorld } from "./world.ts";

/** What the controllers need; they hold no other rights. */
export interface ControllersOptions {
  readonly client: KubeClient;
  readonly log: Log;
  /** SPIFFE trust domain, such as `cluster.local`. */
  readonly trustDomain: string;
  /** Cluster id as in workload uids, such as `Kubernetes`. */
  readonly clusterId: string;
  /** Gateway listeners that get a port of the host. */
  readonly publish: readonly PublishedPort[];
}

/**
 * Starts every controller: Deployments to Pods, scheduling, node life, Gateways to Deployments, load-balancer status.
 * Resolves when each has seen the world once. One process runs them, so there is no leader lock.
 */
export async function startControllers({ client, log, publish }: ControllersOptions): Promise<Running> {
  const { world, start, close } = createWorld(client, log);
  const events = (component: string) => createEventRecorder(client, { component });
  const context = (component: string): ControllerContext => ({
    client,
    world,
    log: log.with({ controller: component }),
    events: events(component),
  });
  const controllers = [
    startDefaultServiceAccounts(context("serviceaccount-controller")),
    startGatewayController(context("gateway-controller"), publish),
    startLoadBalancerStatus(context("service-controller"), publish),
    startDeploymentController(context("deployment-controller")),
    startScheduler(context("default-scheduler")),
    startNodeLife(context("node-controller")),
  ];
  await start();
  return {
    async close() {
      close();
      await Promise.all(controllers.map((controller) => controller.close()));
    },
  };
}
