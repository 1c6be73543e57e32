/** What is decided of calls from one node to another, before and after. Pure. */

import {
  findService,
  type Inventory,
  type InventoryGateway,
  type InventoryPod,
  type InventoryService,
  waypointOf,
} from "@/server/inventory/model.ts";
import { gatewayOf } from "@/server/policies/applied.ts";
import type { Certainty, RoutedRequest } from "@/server/routes-taken/conditions.ts";
import { isRouted, routeAtGateway, routeToService } from "@/server/routes-taken/route-taken.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import type { HeaderShare, Judge, SeenRequest } from "./judge.ts";
import { servicePortOf } from "./judge.ts";
import { agreed, type Judgement, refused, unknown } from "./judgement.ts";
import { tokenHeaders, tokenRulesOf } from "./token-rules.ts";

/** A caller and who is called, as they are in one state. */
interface Ends {
  readonly source: InventoryPod | undefined;
  readonly service: InventoryService | undefined;
  readonly waypoint: InventoryGateway | undefined;
  readonly gateway: InventoryGateway | undefined;
  readonly destinations: readonly InventoryPod[];
}

/** An edge of the graph with the workloads that its labels name. */
export interface CallEdge {
  readonly from: NodeRef;
  readonly to: NodeRef;
  readonly sourceWorkload: string;
  readonly sourceNamespace: string;
  readonly workload: string;
  readonly workloadNamespace: string;
}

export interface BeforeAfter {
  readonly before: Judgement;
  readonly after: Judgement;
}

export class CallJudge {
  readonly #before: Judge;
  readonly #after: Judge;
  readonly #headerShare: HeaderShare;
  readonly edge: CallEdge;
  readonly #now: Ends;
  readonly #then: Ends;

  constructor(before: Judge, after: Judge, edge: CallEdge, headerShare: HeaderShare) {
    this.#before = before;
    this.#after = after;
    this.#headerShare = headerShare;
    this.edge = edge;
    this.#now = endsOf(before.inventory, edge);
    this.#then = endsOf(after.inventory, edge);
  }

  /** The caller's pod as it is now. */
  get source(): InventoryPod | undefined {
    return this.#now.source;
  }

  /** Whether method and path may matter, before or after. */
  get judgesRequests(): boolean {
    return (
      this.#now.gateway !== undefined ||
      passesWaypoint(this.#before, this.#now) ||
      passesWaypoint(this.#after, this.#then)
    );
  }

  /** `instances` stand for the path: where they are decided differently it is not known. */
  judge(method: string, instances: readonly string[], port: number): BeforeAfter {
    const [path = ""] = instances;
    const several = instances.map((instance) => this.#one({ method, path: instance, port }));
    if (several.length < 2) {
      return several[0] ?? this.#one({ method, path, port });
    }
    const otherwise = "depends on the path, of which only the form was kept";
    return {
      before: agreed(
        several.map(({ before }) => before),
        otherwise,
      ),
      after: agreed(
        several.map(({ after }) => after),
        otherwise,
      ),
    };
  }

  #one(request: SeenRequest): BeforeAfter {
    const before = decide(this.#before, this.#now, this.edge, request);
    const after = decide(this.#after, this.#then, this.edge, request);
    return {
      before: before.verdict === "allowed" ? this.#routedNow(before, request) : before,
      after: this.#settle(after, request),
    };
  }

  #routedNow(before: Judgement, request: SeenRequest): Judgement {
    return this.#routes(this.#before, this.#now, request).every((route) => route === "no")
      ? refused("no route takes it")
      : before;
  }

  /** What else may happen to a request that policies let pass. */
  #settle(after: Judgement, request: SeenRequest): Judgement {
    if (after.verdict !== "allowed" || request.method === "") {
      return after;
    }
    const now = this.#routes(this.#before, this.#now, request);
    const then = this.#routes(this.#after, this.#then, request);
    if (then.length > 0 && then.every((route) => route === "no")) {
      return refused(
        now.every((route) => route === "no") && now.length > 0 ? "no route takes it" : "no longer routed: it gets 404",
      );
    }
    if (then.some((route, index) => route !== now[index] && route !== "yes")) {
      return unknown(this.#then.gateway === undefined ? "depends on what routes ask for" : "depends on the host");
    }
    return this.#newTokenRule() ? unknown("depends on the token that it carries, which was never seen") : after;
  }

  /** Whether routes take the request: at a gateway by host, at a waypoint once. */
  #routes(judge: Judge, ends: Ends, request: SeenRequest): Certainty[] {
    const { gateway, service } = ends;
    if (request.method === "") {
      return ["yes"];
    }
    if (gateway !== undefined) {
      const hosts = [...new Set([...(this.#now.gateway?.hosts ?? []), ...(this.#then.gateway?.hosts ?? [])])].sort();
      return hosts.length === 0
        ? ["yes"]
        : hosts.map((host) =>
            isRouted(
              routeAtGateway(
                gateway,
                host.replace(/^\*\./, "any."),
                routed(request, host, request.port, ends),
                judge.inventory,
              ),
            ),
          );
    }
    if (service === undefined || !passesWaypoint(judge, ends)) {
      return ["yes"];
    }
    const port = servicePortOf(service, request.port);
    return [isRouted(routeToService(service, routed(request, "", port, ends), judge.inventory))];
  }

  /** A change of the rules for tokens concerns whoever carries one. */
  #newTokenRule(): boolean {
    const { service, waypoint } = this.#then;
    if (service === undefined || waypoint === undefined || !passesWaypoint(this.#after, this.#then)) {
      return false;
    }
    const rules = tokenRulesOf(this.#after.inventory, service, waypoint);
    const former =
      this.#now.waypoint === undefined ? [] : tokenRulesOf(this.#before.inventory, service, this.#now.waypoint);
    if (rules.length === 0 || JSON.stringify(rules) === JSON.stringify(former)) {
      return false;
    }
    const headers = tokenHeaders(rules);
    return headers === undefined || headers.some((name) => this.#headerShare(service, name) !== 0);
  }
}

const passesWaypoint = (judge: Judge, { source, service, waypoint }: Ends): boolean =>
  service !== undefined && waypoint !== undefined && judge.passesWaypoint(source, service);

const routed = ({ method, path }: SeenRequest, authority: string, port: number, { source }: Ends): RoutedRequest => ({
  method,
  path: path || "/",
  query: null,
  authority,
  port,
  sourceNamespace: source?.namespace ?? "",
  header: () => null,
});

function endsOf(inventory: Inventory, edge: CallEdge): Ends {
  const service = findService(inventory, edge.to);
  return {
    source: podsOf(inventory, edge.sourceNamespace, edge.sourceWorkload)[0],
    service,
    waypoint: service === undefined ? undefined : waypointOf(inventory, service),
    gateway: service === undefined ? undefined : gatewayOf(inventory, service),
    destinations: alike(service?.pods ?? podsOf(inventory, edge.workloadNamespace, edge.workload)),
  };
}

/** By workload name, or pod name where a proxy knew no more. */
const podsOf = (inventory: Inventory, namespace: string, workload: string): readonly InventoryPod[] =>
  inventory.pods.filter((pod) => pod.namespace === namespace && (pod.workload === workload || pod.name === workload));

/** One of the pods that rules cannot tell apart but by their address. */
function alike(pods: readonly InventoryPod[]): readonly InventoryPod[] {
  return [...new Map(pods.map((pod) => [JSON.stringify([pod.labels, pod.captured, pod.proxy]), pod])).values()];
}

function decide(judge: Judge, ends: Ends, { from }: CallEdge, request: SeenRequest): Judgement {
  const { source, service, waypoint, gateway, destinations } = ends;
  if (destinations.length === 0) {
    return unknown("the service has no pods now");
  }
  if (source === undefined && from.kind === "service") {
    return unknown("the caller has no pods now");
  }
  return agreed(
    destinations.map((pod) => {
      if (gateway !== undefined) {
        return judge.atGateway(gateway, pod, request.method, request.path);
      }
      return service === undefined || waypoint === undefined
        ? judge.connection(source, pod, service === undefined ? request.port : podPort(service, request.port))
        : judge.throughWaypoint(source, waypoint, service, pod, request);
    }),
    "differs from pod to pod",
  );
}

/** Agents know pods' ports, waypoints services': what a waypoint saw may reach the pod directly once it is gone. */
const podPort = ({ ports }: InventoryService, port: number): number =>
  (ports.find(({ targetPort }) => targetPort === port) ?? ports.find((entry) => entry.port === port))?.targetPort ??
  port;
