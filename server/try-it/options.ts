import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import { awaitSync } from "@/server/cluster/await-sync.ts";
import type { TryOptions } from "@/server/contracts/try-it.ts";
import type { Portal } from "@/server/portal.ts";

/** Who can send, and where to. */
export async function tryOptionsFor(portal: Portal, person: SignedIn): Promise<TryOptions> {
  await awaitSync(portal.cluster);
  const { services, pods, gateways } = portal.inventory.current;
  const { applyEverywhere, applyIn, tryIt } = capabilitiesOf(person);
  const workloads = new Map<string, TryOptions["sources"][number]>();
  for (const pod of pods.filter(({ proxy }) => !proxy)) {
    const key = `${pod.namespace}/${pod.workload}`;
    workloads.set(key, {
      source: { kind: "workload", namespace: pod.namespace, workload: pod.workload },
      title: pod.workload,
      namespace: pod.namespace,
      serviceAccount: pod.serviceAccount,
      ready: pod.ready || workloads.get(key)?.ready === true,
      mine: tryIt && (applyEverywhere || applyIn.includes(pod.namespace)),
    });
  }
  const { gatewayUrl } = portal.config;
  const hosts = gateways.flatMap((gateway) => gateway.hosts);
  return {
    sources: [
      ...(gatewayUrl === ""
        ? []
        : [
            {
              source: { kind: "outside" as const },
              title: "outside, through the gateway",
              namespace: "",
              serviceAccount: "",
              ready: true,
              mine: tryIt,
            },
          ]),
      ...workloads.values(),
    ],
    targets: [
      ...(gatewayUrl === ""
        ? []
        : hosts.map((host) => ({ title: host, url: `${gatewayUrl}/`, host, service: "", outside: true }))),
      ...services
        .filter(({ kind, pods: behind }) => kind === "service" && behind.length > 0)
        .flatMap((service) =>
          service.ports.slice(0, 1).map(({ port }) => ({
            title: service.name,
            url: `http://${service.name}.${service.namespace}${port === 80 ? "" : `:${port}`}/`,
            host: "",
            service: `${service.namespace}/${service.name}`,
            outside: false,
          })),
        ),
    ],
  };
}
