/** Gateways that send calls from outside to a service, and rules that would refuse them. Pure. */
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { gatewayNameLabel, waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { finding, listNames } from "../path.ts";

type GatewayIdentity = Pick<IdentityChoice, "namespace" | "serviceAccount">;

/** A gateway in front of a service. */
export interface FrontGateway {
  /** As its pods prove it. */
  readonly identity: GatewayIdentity;
  /** Ports of the service that it sends to. */
  readonly ports: readonly number[];
}

interface Ref {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
  readonly port?: number | undefined;
}

/** The gateways whose routes send to the service; each once. */
export function gatewaysInFront(service: InventoryService, { objects, gateways, pods }: Inventory): FrontGateway[] {
  const ports = new Map<string, Set<number>>();
  for (const { metadata, spec } of [...objects.routes, ...objects.grpcRoutes]) {
    const own = metadata?.namespace ?? "";
    const is = (kind: string, otherwise: string) => (ref: Ref) => (ref.kind ?? otherwise) === kind;
    const rules: readonly { readonly backendRefs?: readonly Ref[] | undefined }[] = spec?.rules ?? [];
    const sent = rules
      .flatMap(({ backendRefs }) => backendRefs ?? [])
      .filter(is("Service", "Service"))
      .filter(({ name, namespace = own }) => name === service.name && namespace === service.namespace)
      .flatMap(({ port }) => (port === undefined ? [] : [port]));
    for (const { name, namespace = own } of (spec?.parentRefs ?? []).filter(is("Gateway", "Gateway"))) {
      const id = `${namespace}/${name}`;
      ports.set(id, new Set([...(ports.get(id) ?? []), ...sent]));
    }
  }
  return gateways
    .filter(({ className }) => className !== waypointClass)
    .flatMap(({ namespace, name }): FrontGateway[] => {
      const sent = ports.get(`${namespace}/${name}`) ?? new Set();
      const pod = pods.find((one) => one.namespace === namespace && one.labels[gatewayNameLabel] === name);
      return pod === undefined || sent.size === 0
        ? []
        : [{ identity: { namespace, serviceAccount: pod.serviceAccount }, ports: [...sent].sort((a, b) => a - b) }];
    });
}

/** As a form names it. */
export const asCaller = ({ identity }: FrontGateway) => ({ kind: "identity" as const, ...identity });

export const isNamed = (
  { identity }: FrontGateway,
  callers: readonly { readonly kind: string; readonly namespace?: string; readonly serviceAccount?: string }[],
): boolean =>
  callers.some(
    ({ namespace, serviceAccount }) => namespace === identity.namespace && serviceAccount === identity.serviceAccount,
  );

/** What to say about gateways that would be refused with everybody else; nothing for none. */
export function gatewayCutOff(
  { name }: InventoryService,
  gateways: readonly FrontGateway[],
  repair: Pick<Finding, "repair"> | Pick<Finding, "path">,
): Finding[] {
  const names = listNames(gateways.map(({ identity }) => identity.serviceAccount));
  const which = gateways.length === 1 ? `the gateway ${names}` : `the gateways ${names}`;
  const message = `${name} is called from outside by ${which}, which would be refused too: visitors would get in no more.`;
  return gateways.length === 0 ? [] : [finding("warning", "gateway-cut-off", "callers", message, repair)];
}
