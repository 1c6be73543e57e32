import type { Log } from "../common/log.ts";
import { startXdsClient, subscribeTo, type XdsClient } from "../xds/client.ts";
import { addressType, proxyConfigType } from "../xds/codec.ts";
import type { ControlPlaneEndpoint } from "../xds/control-plane-channel.ts";
import type { ProxySettings } from "./config.ts";
import type { Cores } from "./cores.ts";

export interface ProxyXdsOptions {
  readonly settings: ProxySettings;
  readonly controlPlane: ControlPlaneEndpoint;
  readonly cores: Pick<Cores, "addresses" | "apply" | "remove">;
  readonly log: Log;
}

/**
 * Subscribes to the mesh's workloads and services and to the own configuration. One that cannot be prepared is refused
 * with its reason (NACK), and the last good one stays in force.
 */
export function startProxyXds({ settings, controlPlane, cores, log }: ProxyXdsOptions): XdsClient {
  const { podIp, podName, namespace, node, clusterId, gateway } = settings;
  const own = `${namespace}/${gateway}`;
  return startXdsClient({
    ...controlPlane,
    log,
    node: {
      id: `router~${podIp}~${podName}.${namespace}~${namespace}.svc.cluster.local`,
      metadata: { NAME: podName, NAMESPACE: namespace, NODE_NAME: node, CLUSTER_ID: clusterId },
    },
    subscriptions: [
      subscribeTo(addressType, "*", ({ upserted, removed }) => {
        cores.addresses(upserted, removed);
        return undefined;
      }),
      subscribeTo(proxyConfigType, [own], ({ upserted, removed }) => {
        const next = upserted.find(({ name }) => name === own)?.value;
        try {
          if (next !== undefined) {
            cores.apply(next);
          } else if (removed.includes(own)) {
            cores.remove();
          }
        } catch (error) {
          return [{ name: own, error: error instanceof Error ? error.message : String(error) }];
        }
        return undefined;
      }),
    ],
  });
}
