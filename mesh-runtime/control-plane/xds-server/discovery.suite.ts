import type { Authorization } from "../../policy/model.ts";
import { startXdsClient, subscribeTo, type XdsUpdate } from "../../xds/client.ts";
import {
  addressType,
  authorizationType,
  type MeshAddress,
  proxyConfigType,
  type ResourceType,
} from "../../xds/codec.ts";
import type { ProxyConfig } from "../../xds/proxy-config.ts";
import { quiet, startTestPlane, type TestPlane } from "../plane.suite.ts";
import type { Snapshot, SnapshotResource } from "../snapshot/snapshot.ts";

export const open: { close(): Promise<void> }[] = [];
/** Closes what the test opened, the last first. */
export async function closeAll(): Promise<void> {
  for (const part of open.splice(0).reverse()) {
    await part.close();
  }
}

export const tokens = {
  agent: { serviceAccount: "istio-system/ztunnel", node: "node-a" },
  gateway: { serviceAccount: "istio-ingress/ingress-istio", node: "node-a", pod: "ingress-istio-1" },
  app: { serviceAccount: "web-api/web-api", node: "node-a", pod: "web-api-1" },
  loose: { serviceAccount: "istio-system/ztunnel" },
} as const;
export const nodeIds: Readonly<Record<keyof typeof tokens, string>> = {
  agent: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~cluster.local",
  gateway: "router~127.0.0.1~ingress-istio-1.istio-ingress~cluster.local",
  app: "router~127.0.0.1~web-api-1.web-api~cluster.local",
  loose: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~cluster.local",
};

export async function startPlane(options: Partial<Parameters<typeof startTestPlane>[0]> = {}): Promise<TestPlane> {
  const plane = await startTestPlane({ tokens, ...options });
  open.push(plane);
  return plane;
}

export const policy = (name: string): Authorization => ({
  name,
  namespace: "ns",
  scope: "NAMESPACE",
  action: "ALLOW",
  dryRun: false,
  groups: [],
});
export const service = (name: string, ip: string): MeshAddress => ({
  kind: "service",
  service: { name, namespace: "ns", hostname: `${name}.ns.svc.cluster.local`, addresses: [ip], ports: [] },
});

let revision = 0;
/** A snapshot of these values; `[name, bytes]` stands for a resource that nobody can read. */
export function snapshotOf(parts: {
  addresses?: readonly MeshAddress[];
  policies?: readonly (Authorization | readonly [string, string])[];
  /** With a word behind its name a gateway is configured differently. */
  gateways?: readonly string[];
  /** ServiceAccounts of waypoints. */
  first?: readonly string[];
}): Snapshot {
  revision += 1;
  const resource = <T>(type: ResourceType<T>, value: T, reader?: string): SnapshotResource => ({
    name: type.name(value),
    aliases: [],
    version: Buffer.from(type.encode(value)).toString("hex").slice(-40),
    bytes: type.encode(value),
    reader,
  });
  const byName = (list: readonly SnapshotResource[]) => new Map(list.map((entry) => [entry.name, entry]));
  return {
    revision,
    changedAtMs: Date.now(),
    first: new Set(parts.first),
    types: new Map([
      [
        addressType.typeUrl,
        byName(
          (parts.addresses ?? []).map((value) => ({
            ...resource(addressType, value),
            aliases: value.kind === "service" ? [`/${value.service.addresses[0]}`] : [],
          })),
        ),
      ],
      [
        authorizationType.typeUrl,
        byName(
          (parts.policies ?? []).map((value) =>
            "name" in value
              ? resource(authorizationType, value)
              : { name: value[0], aliases: [], version: value[1], bytes: Buffer.from(value[1]), reader: undefined },
          ),
        ),
      ],
      [
        proxyConfigType.typeUrl,
        byName(
          (parts.gateways ?? []).map((gateway) => {
            const [name = "", changed] = gateway.split(" ");
            const config = { ...emptyProxyConfig(name), ...(changed && { pathNormalization: "NONE" as const }) };
            return resource(proxyConfigType, config, `istio-ingress/${name}-istio`);
          }),
        ),
      ],
    ]),
  };
}

const emptyProxyConfig = (name: string): ProxyConfig => ({
  name,
  namespace: "istio-ingress",
  kind: "gateway",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [],
  authorizers: [],
  certificates: [],
  telemetry: { accessLog: { enabled: false, minStatus: 0 }, tracing: { enabled: false, sampling: 0 }, byService: [] },
  pathNormalization: "BASE",
  tellsCallersAs: "",
});

/** A client that keeps what it is told, as an agent does. */
export function startClient(plane: TestPlane, token: keyof typeof tokens = "agent") {
  const policies = new Map<string, Authorization>();
  const addresses = new Map<string, MeshAddress>();
  const updates: XdsUpdate<unknown>[] = [];
  const keep =
    <T>(into: Map<string, T>) =>
    (update: XdsUpdate<T>) => {
      updates.push(update);
      for (const name of update.removed) {
        into.delete(name);
      }
      for (const { name, value } of update.upserted) {
        into.set(name, value);
      }
      return undefined;
    };
  const client = startXdsClient({
    ...plane.endpoint(token),
    node: { id: nodeIds[token], metadata: { NODE_NAME: "node-a" } },
    subscriptions: [
      subscribeTo(addressType, "*", keep(addresses)),
      subscribeTo(authorizationType, "*", keep(policies)),
    ],
    log: quiet,
  });
  open.push(client);
  return { client, policies, addresses, updates };
}

export const typeOf = (plane: TestPlane, typeUrl: string) => plane.hub.streams()[0]?.types.get(typeUrl);
