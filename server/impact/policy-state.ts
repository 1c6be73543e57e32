/** Who may call whom under a set of resources: the mesh's own engine over the inventory. Pure. */
import {
  type AuthorizationPolicyResource,
  type PeerAuthenticationResource,
  type PolicyResources,
  type RequestAttributes,
  type Simulation,
  simulate,
} from "@/mesh-runtime/policy/index.ts";
import type { Decision } from "@/mesh-runtime/policy/model.ts";
import type { Verdict } from "@/server/contracts/golden-paths.ts";
import type { InventoryGateway, InventoryPod, InventoryService } from "@/server/inventory/model.ts";
import { imagined } from "./known-parts.ts";

export interface PolicyState {
  readonly authorizationPolicies: readonly AuthorizationPolicyResource[];
  readonly peerAuthentications: readonly PeerAuthenticationResource[];
  /** Namespaces whose enrolment differs from what the pods say now. */
  readonly enrolled: ReadonlyMap<string, boolean>;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** In a few words. */
  readonly reason: string;
  /** `<namespace>/<name>` of the policy that decided, and its rule; empty and -1 when none did. */
  readonly policy: string;
  readonly rule: number;
}

const carried: Judgement = {
  verdict: "unknown",
  reason: "depends on what the request carries",
  policy: "",
  rule: -1,
};

/** Decides for one state; compile once, ask often. */
export class Judge {
  readonly #simulation: Simulation;
  readonly #state: PolicyState;
  readonly #trustDomain: string;
  readonly #imagined = new Map<"generous" | "strict", Simulation>();

  constructor(state: PolicyState, trustDomain: string) {
    const resources: PolicyResources = state;
    this.#simulation = simulate(resources);
    this.#state = state;
    this.#trustDomain = trustDomain;
  }

  /** In the mesh: proxies always are. */
  enrolled(pod: InventoryPod): boolean {
    return pod.proxy || (this.#state.enrolled.get(pod.namespace) ?? pod.captured);
  }

  /** Identity that the caller can prove towards this pod; plain text proves none. */
  principal(source: InventoryPod | undefined, destination: InventoryPod): string | undefined {
    return source !== undefined && this.enrolled(source) && this.enrolled(destination)
      ? `${this.#trustDomain}/ns/${source.namespace}/sa/${source.serviceAccount}`
      : undefined;
  }

  connection(source: InventoryPod | undefined, destination: InventoryPod, port: number): Judgement {
    if (!this.enrolled(destination)) {
      return { verdict: "allowed", reason: "not in the mesh, no rule is read", policy: "", rule: -1 };
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

  /**
   * Through a service's waypoint to one of its pods. Traffic is remembered by method and path only: what headers or a
   * token decide is unknown, unless they could not change the verdict.
   */
  throughWaypoint(
    source: InventoryPod | undefined,
    waypoint: InventoryGateway,
    service: InventoryService,
    destination: InventoryPod,
    request: { readonly method: string; readonly path: string; readonly port: number },
  ): Judgement {
    const sourcePrincipal = this.principal(source, destination);
    if (sourcePrincipal === undefined) {
      // Without an identity a caller goes straight to the pod.
      return this.connection(source, destination, targetPortOf(service, request.port));
    }
    if (request.method === "") {
      return carried;
    }
    let asked = false;
    const attributes: RequestAttributes = {
      sourcePrincipal,
      sourceIp: source?.ip || "0.0.0.0",
      destinationIp: destination.ip || "0.0.0.0",
      destinationPort: servicePortOf(service, request.port),
      method: request.method,
      host: `${service.name}.${service.namespace}`,
      path: request.path || "/",
      header: () => {
        asked = true;
        return undefined;
      },
      get token(): undefined {
        asked = true;
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
    if (last === undefined || last.asks.length > 0) {
      return carried;
    }
    if (asked) {
      const { allowed } = this.#imagine("generous").service(subject, attributes);
      if (allowed !== this.#imagine("strict").service(subject, attributes).allowed || allowed !== passage.allowed) {
        return carried;
      }
    }
    const judgement = toJudgement(last.decision, last.principal);
    return last.at === "agent" && !passage.allowed
      ? { ...judgement, reason: `the waypoint itself is refused: ${judgement.reason}` }
      : judgement;
  }

  /** Compiled when first needed: most resources ask for no header. */
  #imagine(world: "generous" | "strict"): Simulation {
    const known = this.#imagined.get(world);
    if (known !== undefined) {
      return known;
    }
    const { authorizationPolicies } = this.#state;
    const made = simulate({ ...this.#state, authorizationPolicies: imagined(authorizationPolicies, world) });
    this.#imagined.set(world, made);
    return made;
  }

  /** At an ingress gateway, for a caller from outside that names one of the gateway's hosts. */
  atGateway(gateway: InventoryGateway, pod: InventoryPod, method: string, path: string): Judgement {
    const hosts = gateway.hosts.filter((host) => !host.startsWith("*"));
    const decisions = (hosts.length === 0 ? [""] : hosts).map((host) =>
      this.#simulation.request(
        { ...gateway, gatewayClassName: gateway.className, labels: { ...pod.labels, ...gateway.labels } },
        {
          sourceIp: "0.0.0.0",
          destinationIp: pod.ip || "0.0.0.0",
          destinationPort: pod.ports[0]?.port ?? 0,
          method: method || "GET",
          host,
          path: path || "/",
          header: () => undefined,
        },
      ),
    );
    const [first] = decisions;
    if (first === undefined || decisions.some(({ allowed }) => allowed !== first.allowed)) {
      return { verdict: "unknown", reason: "depends on the host", policy: "", rule: -1 };
    }
    return toJudgement(first, undefined);
  }
}

/** Layer 7 proxies name ports as services do, agents as pods do. */
const servicePortOf = ({ ports }: InventoryService, port: number): number =>
  (ports.find((entry) => entry.port === port) ?? ports.find(({ targetPort }) => targetPort === port))?.port ?? port;
const targetPortOf = ({ ports }: InventoryService, port: number): number =>
  (ports.find(({ targetPort }) => targetPort === port) ?? ports.find((entry) => entry.port === port))?.targetPort ??
  port;

function toJudgement(decision: Decision, principal: string | undefined): Judgement {
  const { allowed, policy, rule } = decision;
  const words = allowed
    ? policy === undefined
      ? "no rule restricts it"
      : `allowed by ${policy}`
    : denialText(decision, principal);
  return { verdict: allowed ? "allowed" : "denied", reason: words, policy: policy ?? "", rule: rule ?? -1 };
}

const misfits: Readonly<Record<string, string>> = {
  "request.method": "no rule allows this method",
  "request.path": "no rule allows this path",
  "request.host": "no rule allows this host",
  "destination.port": "no rule allows this port",
};

function denialText({ reason, policy, attribute }: Decision, principal: string | undefined): string {
  if (policy !== undefined && /istio_converted_static_strict|converted_peer_authentication_/.test(policy)) {
    return "plain text, mutual TLS is required";
  }
  if (reason === "denied-by-policy") {
    return `denied by ${policy ?? "a rule"}`;
  }
  return principal === undefined
    ? "it proves no identity"
    : (misfits[attribute ?? ""] ?? "no rule names this identity");
}
