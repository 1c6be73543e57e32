import { ports } from "../common/ports.ts";
import type { ExchangeOutcome, TunnelOutcome } from "../l7/exchange-outcome.ts";
import type { Peer } from "../l7/peer.ts";
import type { EdgeRecorder } from "../telemetry/edge-recorder.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { ProxySettings } from "./config.ts";
import { ownDestination, ownSource, serviceLabels, unknownSource } from "./edge-labels.ts";
import { Edges } from "./edges.ts";

/** Where an exchange counts. */
export interface EdgePair {
  readonly inbound: EdgeRecorder;
  /** Of a gateway: the edge onwards. */
  readonly outbound: EdgeRecorder | undefined;
}

/** Which edges a proxy reports: a waypoint the call itself, a gateway the one to it and the one from it. */
export interface EdgeBook {
  readonly kind: "gateway" | "waypoint";
  ofExchange(outcome: ExchangeOutcome): EdgePair;
  ofTunnel(outcome: TunnelOutcome): EdgeRecorder;
  /** For callers that nobody can name. */
  ofHandshake(): EdgeRecorder;
  readonly handshakePort: number;
}

/** `reporter="waypoint"`: from the caller's workload to the pod that was chosen, naming the service that was called. */
export class WaypointEdges implements EdgeBook {
  readonly kind = "waypoint";
  readonly handshakePort = ports.hbone;
  readonly #edges: Edges;
  readonly #recorder: Recorder;
  readonly #settings: ProxySettings;

  constructor(settings: ProxySettings, recorder: Recorder) {
    this.#edges = new Edges(recorder, "waypoint");
    this.#recorder = recorder;
    this.#settings = settings;
  }

  ofExchange({ request, plan, peer, endpoint }: ExchangeOutcome): EdgePair {
    const protocol = request?.grpc === true ? "grpc" : "http";
    return { inbound: this.#edges.of(peer, plan?.service ?? "", endpoint, protocol), outbound: undefined };
  }

  ofTunnel({ peer, service, endpoint }: TunnelOutcome): EdgeRecorder {
    return this.#edges.of(peer, service, endpoint, "tcp");
  }

  ofHandshake(): EdgeRecorder {
    return this.#recorder.edge({
      reporter: "waypoint",
      ...unknownSource,
      ...ownDestination(this.#settings),
      ...serviceLabels(
        `${this.#settings.namespace}/${this.#settings.gateway}.${this.#settings.namespace}.svc.cluster.local`,
      ),
      request_protocol: "tcp",
      connection_security_policy: "unknown",
    });
  }
}

/** From outside to the gateway (`destination`), and from the gateway to the backend (`source`). */
export class GatewayEdges implements EdgeBook {
  readonly kind = "gateway";
  readonly handshakePort = 0;
  readonly #recorder: Recorder;
  readonly #settings: ProxySettings;
  readonly #outbound: Edges;
  readonly #self: Peer;
  readonly #inbound: { http?: EdgeRecorder; grpc?: EdgeRecorder; tcp?: EdgeRecorder } = {};

  constructor(settings: ProxySettings, recorder: Recorder) {
    this.#recorder = recorder;
    this.#settings = settings;
    this.#outbound = new Edges(recorder, "source", ownSource(settings));
    this.#self = {
      principal: undefined,
      sourceIp: settings.podIp,
      destinationIp: "",
      workload: undefined,
      sni: "",
      scheme: "http",
    };
  }

  ofExchange({ request, plan, endpoint }: ExchangeOutcome): EdgePair {
    const protocol = request?.grpc === true ? "grpc" : "http";
    const service = plan?.kind === "forward" ? plan.cluster.service : "";
    return {
      inbound: this.#in(protocol),
      outbound: service === "" ? undefined : this.#outbound.of(this.#self, service, endpoint, protocol),
    };
  }

  ofTunnel(_outcome: TunnelOutcome): EdgeRecorder {
    return this.#in("tcp");
  }

  ofHandshake(): EdgeRecorder {
    return this.#in("tcp");
  }

  #in(protocol: "http" | "grpc" | "tcp"): EdgeRecorder {
    const known = this.#inbound[protocol];
    if (known !== undefined && !known.retired) {
      return known;
    }
    const { gateway, namespace } = this.#settings;
    const edge = this.#recorder.edge({
      reporter: "destination",
      ...unknownSource,
      ...ownDestination(this.#settings),
      ...serviceLabels(`${namespace}/${gateway}-istio.${namespace}.svc.cluster.local`),
      request_protocol: protocol,
      connection_security_policy: "none",
    });
    this.#inbound[protocol] = edge;
    return edge;
  }
}
