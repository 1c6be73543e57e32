/** The way of a request: who enforces, and what each place decides. Pure; the engine is the proxies' own. */
import { type RequestAttributes, type Simulation, simulate } from "@/mesh-runtime/policy/index.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { WhatIfHop, WhatIfRequest } from "@/server/contracts/what-if.ts";
import { authorizersOf } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import { Judge } from "@/server/impact/judge.ts";
import { tokenRulesOf } from "@/server/impact/token-rules.ts";
import {
  type Inventory,
  type InventoryGateway,
  type InventoryPod,
  type InventoryService,
  waypointOf,
} from "@/server/inventory/model.ts";
import { type RouteTaken, routeAtGateway, routeToService } from "@/server/routes-taken/route-taken.ts";
import { headerAtWaypoint, headerOf, pathOf, routedOf, tokenAt } from "./asked-request.ts";
import { hopOf, refusingHop } from "./hop-words.ts";

/** Who calls, once it is inside. */
export interface Caller {
  readonly principal: string | undefined;
  readonly pod: InventoryPod | undefined;
}

export interface Way {
  readonly hops: readonly WhatIfHop[];
  /** At the waypoint; undefined where none is in the way, or it was refused before. */
  readonly route: RouteTaken | undefined;
}

export class WayFinder {
  readonly #inventory: Inventory;
  readonly #trustDomain: string;
  readonly #simulation: Simulation;
  readonly #judge: Judge;

  constructor(inventory: Inventory, trustDomain: string) {
    this.#inventory = inventory;
    this.#trustDomain = trustDomain;
    this.#simulation = simulate({ ...inventory, providers: authorizersOf(inventory).map(({ name }) => name) });
    this.#judge = new Judge(inventory, trustDomain);
  }

  /** The whole way, up to the place that refuses. */
  find(request: WhatIfRequest, service: InventoryService): Way {
    const { caller } = request;
    if (caller.kind === "outside") {
      const { hop, from } = this.#gateway(request, caller.gateway, caller.host, service);
      return hop.verdict === "denied" || from === undefined
        ? { hops: [hop], route: undefined }
        : joined(hop, this.#inside(request, service, from));
    }
    return this.#inside(
      request,
      service,
      caller.kind === "plain" ? { principal: undefined, pod: undefined } : this.#identity(caller),
    );
  }

  #identity({ namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string }): Caller {
    const pods = this.#inventory.pods.filter(
      (pod) => pod.namespace === namespace && pod.serviceAccount === serviceAccount,
    );
    const pod = pods.find((one) => this.#judge.enrolled(one)) ?? pods[0];
    // An identity without pods is asked about as if they were in the mesh.
    const proves = pod === undefined || this.#judge.enrolled(pod);
    return { principal: proves ? `${this.#trustDomain}/ns/${namespace}/sa/${serviceAccount}` : undefined, pod };
  }

  #gateway(
    request: WhatIfRequest,
    ref: ServiceRef,
    host: string,
    service: InventoryService,
  ): { readonly hop: WhatIfHop; readonly from: Caller | undefined } {
    const place = { at: "gateway" as const, enforcer: `gateway ${ref.namespace}/${ref.name}` };
    const refuse = (reason: string) => ({ hop: refusingHop(place, undefined, reason), from: undefined });
    const gateway = this.#inventory.gateways.find(
      ({ namespace, name }) => namespace === ref.namespace && name === ref.name,
    );
    const path = pathOf(request);
    if (gateway === undefined) {
      return refuse("there is no such gateway");
    }
    if (path === undefined) {
      return refuse("the path is refused by every proxy: 400");
    }
    const pod = this.#inventory.pods.find(
      (one) => one.namespace === ref.namespace && one.labels["gateway.networking.k8s.io/gateway-name"] === ref.name,
    );
    const rules = tokenRulesOf(this.#inventory, { namespace: "", name: "" }, gateway);
    const outcome = tokenAt(rules, request);
    if ("refusal" in outcome) {
      return refuse(outcome.refusal);
    }
    const header = headerOf(request, rules, outcome.token);
    const decision = this.#simulation.request(
      { ...gateway, gatewayClassName: gateway.className, labels: { ...pod?.labels, ...gateway.labels } },
      {
        sourceIp: "0.0.0.0",
        destinationIp: pod?.ip || "0.0.0.0",
        destinationPort: pod?.ports[0]?.port ?? 0,
        method: request.method,
        host,
        path: path.path,
        header,
        token: outcome.token,
      },
    );
    const hop = hopOf(place, decision, undefined);
    if (hop.verdict === "denied") {
      return { hop, from: undefined };
    }
    const route = routeAtGateway(
      ref,
      host,
      routedOf(request, path, { authority: host, port: 0, sourceNamespace: ref.namespace, header }),
      this.#inventory,
    );
    if (route.kind !== "unclear" && !leadsTo(route, service)) {
      return refuse(
        `no route of ${host || "this host"} leads to ${service.name} for this request: 404, or another service answers`,
      );
    }
    const principal = `${this.#trustDomain}/ns/${ref.namespace}/sa/${pod?.serviceAccount ?? `${ref.name}-istio`}`;
    return { hop, from: { principal, pod } };
  }

  #inside(request: WhatIfRequest, service: InventoryService, caller: Caller): Way {
    const waypoint = waypointOf(this.#inventory, service);
    const gateway = caller.pod?.proxy === true;
    const through =
      waypoint !== undefined &&
      caller.principal !== undefined &&
      (!gateway || this.#judge.passesWaypoint(caller.pod, service))
        ? waypoint
        : undefined;
    if (through === undefined) {
      return { hops: this.#agents(service, caller.principal, caller.pod?.ip, request.port), route: undefined };
    }
    const { hop, route } = this.#waypoint(request, service, caller, through);
    if (hop.verdict === "denied") {
      return { hops: [hop], route };
    }
    const principal = `${this.#trustDomain}/ns/${through.namespace}/sa/${through.name}`;
    const pod = this.#inventory.pods.find(
      (one) =>
        one.namespace === through.namespace && one.labels["gateway.networking.k8s.io/gateway-name"] === through.name,
    );
    return { hops: [hop, ...this.#agents(service, principal, pod?.ip, request.port)], route };
  }

  #waypoint(
    request: WhatIfRequest,
    service: InventoryService,
    { principal, pod }: Caller,
    waypoint: InventoryGateway,
  ): { readonly hop: WhatIfHop; readonly route: RouteTaken | undefined } {
    const place = { at: "waypoint" as const, enforcer: `waypoint ${waypoint.namespace}/${waypoint.name}` };
    const refuse = (reason: string, route?: RouteTaken) => ({ hop: refusingHop(place, principal, reason), route });
    const path = pathOf(request);
    if (path === undefined) {
      return refuse("the path is refused by every proxy: 400");
    }
    const rules = tokenRulesOf(this.#inventory, service, waypoint);
    const outcome = tokenAt(rules, request);
    const token = "token" in outcome ? outcome.token : undefined;
    const header = headerAtWaypoint(headerOf(request, rules, token), principal, waypoint, this.#inventory);
    const host =
      request.caller.kind === "outside" && request.caller.host !== ""
        ? request.caller.host
        : `${service.name}.${service.namespace}${request.port === 80 ? "" : `:${request.port}`}`;
    const attributes: RequestAttributes = {
      sourcePrincipal: principal,
      sourceIp: pod?.ip || "0.0.0.0",
      destinationIp: "0.0.0.0",
      destinationPort: request.port,
      method: request.method,
      host,
      path: path.path,
      header,
      token,
    };
    const [judged] = this.#simulation.service(
      {
        namespace: service.namespace,
        name: service.name,
        waypoint: { ...waypoint, gatewayClassName: waypoint.className },
      },
      attributes,
    ).hops;
    if ("refusal" in outcome) {
      return refuse(outcome.refusal);
    }
    if (judged === undefined) {
      return refuse("nothing decides about it");
    }
    const hop = hopOf(place, judged.decision, principal, judged.asks);
    const routed = routedOf(request, path, {
      authority: host,
      port: request.port,
      sourceNamespace: pod?.namespace ?? /\/ns\/([^/]+)\//.exec(principal ?? "")?.[1] ?? "",
      header,
    });
    const route = routeToService(service, routed, this.#inventory);
    return hop.verdict !== "denied" && route.kind === "nowhere"
      ? refuse("no rule of its routes takes this request: 404", route)
      : { hop, route };
  }

  /** The agents of the pods that may answer; those that decide alike are one hop. */
  #agents(
    service: InventoryService,
    principal: string | undefined,
    sourceIp: string | undefined,
    port: number,
  ): WhatIfHop[] {
    const targetPort = service.ports.find((one) => one.port === port)?.targetPort ?? port;
    const hops = service.pods.map((pod): { readonly node: string; readonly hop: WhatIfHop } => {
      if (!this.#judge.enrolled(pod)) {
        const hop = refusingHop({ at: "agent", enforcer: "" }, undefined, "not in the mesh, so that no rule is read");
        return { node: pod.node, hop: { ...hop, verdict: "allowed" } };
      }
      const decision = this.#simulation.connection(pod, {
        ...(principal === undefined ? {} : { sourcePrincipal: principal }),
        sourceIp: sourceIp || "0.0.0.0",
        destinationIp: pod.ip || "0.0.0.0",
        destinationPort: targetPort,
      });
      return { node: pod.node, hop: hopOf({ at: "agent", enforcer: "" }, decision, principal) };
    });
    const alike = Map.groupBy(hops, ({ hop }) => `${hop.verdict} ${hop.policy} ${hop.rule} ${hop.reason}`);
    return [...alike.values()].flatMap((same) => {
      const [first] = same;
      const nodes = [...new Set(same.map(({ node }) => node))].sort();
      const enforcer = `agent${nodes.length === 1 ? "" : "s"} of ${nodes.join(", ")}`;
      return first === undefined ? [] : [{ ...first.hop, enforcer }];
    });
  }
}

const joined = (hop: WhatIfHop, { hops, route }: Way): Way => ({ hops: [hop, ...hops], route });

/** Whether a rule's backends have the service, or one of its versions, among them. */
function leadsTo(route: RouteTaken, { namespace, name }: ServiceRef): boolean {
  if (route.kind !== "rule" || route.taken.kind !== "HTTPRoute") {
    return false;
  }
  const { object, rule } = route.taken;
  return (rule.backendRefs ?? []).some(
    (backend) => (backend.namespace ?? object.metadata?.namespace) === namespace && backend.name === name,
  );
}
