/** Who may call whom in a cluster as it is or would be: the mesh's own engine over the inventory. Pure. */
import { type RequestAttributes, type Simulation, simulate } from "@/mesh-runtime/policy/index.ts";
import { authorizersOf } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import type { Inventory, InventoryGateway, InventoryPod, InventoryService } from "@/server/inventory/model.ts";
import { agreed, type Judgement, openDoor, toJudgement, unknown } from "./judgement.ts";
import { imagined, type Unseen } from "./known-parts.ts";
import { tokenRulesOf } from "./token-rules.ts";

/** A request as traffic is remembered: method and path, nothing it carried. The method is empty for a connection. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** As whoever reported it knows it: the service's or the pod's. */
  readonly port: number;
}

/** Share of a service's requests that carry a header; undefined when none was looked at. */
export type HeaderShare = (service: InventoryService, header: string) => number | undefined;

/** Decides for one state; compile once, ask often. */
export class Judge {
  readonly inventory: Inventory;
  readonly #trustDomain: string;
  readonly #headerShare: HeaderShare;
  readonly #providers: readonly string[];
  readonly #simulation: Simulation;
  readonly #imagined = new Map<string, Simulation>();
  readonly #bypassing: ReadonlySet<string>;

  constructor(inventory: Inventory, trustDomain: string, headerShare: HeaderShare = () => undefined) {
    this.inventory = inventory;
    this.#trustDomain = trustDomain;
    this.#headerShare = headerShare;
    this.#providers = authorizersOf(inventory).map(({ name }) => name);
    this.#simulation = simulate({ ...inventory, providers: this.#providers });
    this.#bypassing = bypassedByGateways(inventory);
  }

  /** In the mesh: proxies always are. */
  enrolled(pod: InventoryPod): boolean {
    return pod.proxy || pod.captured;
  }

  /** Identity that the caller can prove towards this pod; plain text proves none. */
  principal(source: InventoryPod | undefined, destination: InventoryPod): string | undefined {
    return source !== undefined && this.enrolled(source) && this.enrolled(destination)
      ? `${this.#trustDomain}/ns/${source.namespace}/sa/${source.serviceAccount}`
      : undefined;
  }

  /** Straight to a pod, by its own port. */
  connection(source: InventoryPod | undefined, destination: InventoryPod, port: number): Judgement {
    if (!this.enrolled(destination)) {
      return openDoor;
    }
    const sourcePrincipal = this.principal(source, destination);
    const decision = this.#simulation.connection(destination, {
      ...(sourcePrincipal === undefined ? {} : { sourcePrincipal }),
      sourceIp: source?.ip || "0.0.0.0",
      destinationIp: destination.ip || "0.0.0.0",
      destinationPort: port,
    });
    return toJudgement(decision, sourcePrincipal);
  }

  /** Whether this caller's requests pass the waypoint: gateways do only where the service says so, plain text never. */
  passesWaypoint(source: InventoryPod | undefined, service: InventoryService): boolean {
    return (
      source !== undefined &&
      this.enrolled(source) &&
      !(source.proxy && this.#bypassing.has(`${service.namespace}/${service.name}`))
    );
  }

  /**
   * Through a service's waypoint to one of its pods. What headers or a token decide is unknown, unless they could not
   * change the verdict.
   */
  throughWaypoint(
    source: InventoryPod | undefined,
    waypoint: InventoryGateway,
    service: InventoryService,
    destination: InventoryPod,
    request: SeenRequest,
  ): Judgement {
    const sourcePrincipal = this.principal(source, destination);
    if (sourcePrincipal === undefined || !this.passesWaypoint(source, service)) {
      return this.connection(source, destination, targetPortOf(service, request.port));
    }
    if (request.method === "") {
      return unknown("only connections were seen, not what was asked");
    }
    const tokens = tokenRulesOf(this.inventory, service, waypoint).length > 0;
    const asked = new Set<string>();
    let token = false;
    const attributes: RequestAttributes = {
      sourcePrincipal,
      sourceIp: source?.ip || "0.0.0.0",
      destinationIp: destination.ip || "0.0.0.0",
      destinationPort: servicePortOf(service, request.port),
      method: request.method,
      host: `${service.name}.${service.namespace}`,
      path: request.path || "/",
      header: (name) => {
        asked.add(name);
        return undefined;
      },
      get token(): undefined {
        token = tokens;
        return undefined;
      },
    };
    const subject = {
      namespace: service.namespace,
      name: service.name,
      waypoint: { ...waypoint, gatewayClassName: waypoint.className },
      workload: {
        namespace: destination.namespace,
        labels: destination.labels,
        name: destination.name,
        ip: destination.ip || "0.0.0.0",
        port: targetPortOf(service, request.port),
      },
    };
    const passage = this.#simulation.service(subject, attributes);
    const last = passage.hops.at(-1);
    if (last === undefined) {
      return unknown("nothing decides");
    }
    let { allowed } = passage;
    if (asked.size > 0 || token) {
      const unseen: Unseen = tokens ? "headers-and-tokens" : "headers";
      const generous = this.#imagine("generous", unseen).service(subject, attributes).allowed;
      const strict = this.#imagine("strict", unseen).service(subject, attributes).allowed;
      if (generous !== strict || generous !== allowed) {
        return unknown(this.#carried(service, asked, token));
      }
      allowed = generous;
    }
    const asks = passage.hops.flatMap((hop) => hop.asks);
    if (allowed && asks.length > 0) {
      return unknown(`${asks.map(({ provider }) => provider).join(", ")} is asked, and its answer is not known`);
    }
    const judgement = toJudgement(last.decision, last.principal);
    return last.at === "agent" && !passage.allowed
      ? { ...judgement, reason: `the waypoint itself is refused: ${judgement.reason}` }
      : judgement;
  }

  /** At an ingress gateway, for a caller from outside that names one of the gateway's hosts. */
  atGateway(gateway: InventoryGateway, pod: InventoryPod, method: string, path: string): Judgement {
    const hosts = gateway.hosts.filter((host) => !host.startsWith("*"));
    let asked = false;
    const judged = (hosts.length === 0 ? [""] : hosts).map((host) => {
      const decision = this.#simulation.request(
        { ...gateway, gatewayClassName: gateway.className, labels: { ...pod.labels, ...gateway.labels } },
        {
          sourceIp: "0.0.0.0",
          destinationIp: pod.ip || "0.0.0.0",
          destinationPort: pod.ports[0]?.port ?? 0,
          method: method || "GET",
          host,
          path: path || "/",
          header: () => {
            asked = true;
            return undefined;
          },
        },
      );
      return toJudgement(decision, undefined);
    });
    return asked && judged.some(({ policy }) => policy !== "")
      ? unknown("depends on what the request carries")
      : agreed(judged, "depends on the host");
  }

  /** Compiled when first needed: most resources ask for no header. */
  #imagine(world: "generous" | "strict", unseen: Unseen): Simulation {
    const key = `${world} ${unseen}`;
    const known = this.#imagined.get(key);
    if (known !== undefined) {
      return known;
    }
    const { authorizationPolicies, peerAuthentications } = this.inventory;
    const made = simulate({
      authorizationPolicies: imagined(authorizationPolicies, world, unseen),
      peerAuthentications,
      providers: this.#providers,
    });
    this.#imagined.set(key, made);
    return made;
  }

  #carried(service: InventoryService, headers: ReadonlySet<string>, token: boolean): string {
    const parts = [...headers].slice(0, 3).map((name) => {
      const share = this.#headerShare(service, name);
      return `the header ${name}${share === undefined ? "" : `, which ${percent(share)} of its requests carry`}`;
    });
    return `depends on ${[...parts, ...(token ? ["the token that it carries"] : [])].join(" and ")}`;
  }
}

/** "25 %", "less than 1 %". */
const percent = (share: number): string =>
  share > 0 && share < 0.01 ? "less than 1 %" : `${Math.round(share * 100)} %`;

const ingressLabel = "istio.io/ingress-use-waypoint";

/** Services that ingress gateways call straight at their pods. */
function bypassedByGateways({ objects }: Inventory): ReadonlySet<string> {
  const namespaces = new Map(
    objects.namespaces.map(({ metadata }) => [metadata?.name, metadata?.labels?.[ingressLabel]]),
  );
  return new Set(
    objects.services
      .filter(({ metadata }) => (metadata?.labels?.[ingressLabel] ?? namespaces.get(metadata?.namespace)) !== "true")
      .map(({ metadata }) => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`),
  );
}

/** Layer 7 proxies name ports as services do, agents as pods do. */
export const servicePortOf = ({ ports }: InventoryService, port: number): number =>
  (ports.find((entry) => entry.port === port) ?? ports.find(({ targetPort }) => targetPort === port))?.port ?? port;
export const targetPortOf = ({ ports }: InventoryService, port: number): number =>
  (ports.find(({ targetPort }) => targetPort === port) ?? ports.find((entry) => entry.port === port))?.targetPort ??
  port;
