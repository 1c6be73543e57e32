import type { EdgeLabels } from "../api/telemetry.ts";
import type { Endpoint } from "../l7/mesh-view.ts";
import type { Peer } from "../l7/peer.ts";
import type { EdgeRecorder } from "../telemetry/edge-recorder.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Workload } from "../xds/model.ts";
import {
  peerSource,
  type SourceLabels,
  serviceLabels,
  unknownDestination,
  workloadDestination,
} from "./edge-labels.ts";

export type EdgeProtocol = EdgeLabels["request_protocol"];

/** Recorders of one source at one destination and service, by protocol. */
type ByProtocol = { -readonly [P in EdgeProtocol]?: EdgeRecorder };

/** What a source has called. */
interface Source {
  readonly labels: SourceLabels;
  readonly mutualTls: boolean;
  readonly byWorkload: WeakMap<Workload, Map<string, ByProtocol>>;
  readonly byService: Map<string, ByProtocol>;
}

/** Callers without a known workload, by identity. */
const namelessMax = 1_000;
const servicesMax = 1_000;

/**
 * Recorders of edges, found by the identity of objects: of the peer (one per connection and destination) and of the
 * destination's workload, which is replaced when it changes. Nothing is joined or compared per request.
 */
export class Edges {
  readonly #recorder: Recorder;
  readonly #reporter: EdgeLabels["reporter"];
  readonly #ofPeer = new WeakMap<Peer, Source>();
  readonly #ofWorkload = new WeakMap<Workload, Source>();
  readonly #ofPrincipal = new Map<string, Source>();
  readonly #self: SourceLabels | undefined;

  /** `self`: all calls come from this proxy itself, and the destination's tunnel says whether they are secured. */
  constructor(recorder: Recorder, reporter: EdgeLabels["reporter"], self?: SourceLabels) {
    this.#recorder = recorder;
    this.#reporter = reporter;
    this.#self = self;
  }

  /** `service` is `<namespace>/<hostname>`, empty for a pod that was called by its address. */
  of(peer: Peer, service: string, endpoint: Endpoint | undefined, protocol: EdgeProtocol): EdgeRecorder {
    const source = this.#ofPeer.get(peer) ?? this.#sourceOf(peer);
    const protocols = this.#protocolsOf(source, service, endpoint?.workload);
    const edge = protocols[protocol];
    if (edge !== undefined && !edge.retired) {
      return edge;
    }
    const made = this.#recorder.edge({
      reporter: this.#reporter,
      ...source.labels,
      ...(endpoint === undefined || endpoint.outside === true
        ? unknownDestination
        : workloadDestination(endpoint.workload)),
      ...serviceLabels(service),
      request_protocol: protocol,
      connection_security_policy: (this.#self === undefined ? source.mutualTls : endpoint?.hbone === true)
        ? "mutual_tls"
        : "none",
    });
    protocols[protocol] = made;
    return made;
  }

  #protocolsOf(source: Source, service: string, workload: Workload | undefined): ByProtocol {
    let services = source.byService;
    if (workload !== undefined) {
      const known = source.byWorkload.get(workload);
      services = known ?? new Map();
      if (known === undefined) {
        source.byWorkload.set(workload, services);
      }
    }
    let protocols = services.get(service);
    if (protocols === undefined) {
      protocols = {};
      if (services.size < servicesMax) {
        services.set(service, protocols);
      }
    }
    return protocols;
  }

  #sourceOf(peer: Peer): Source {
    const { workload, principal = "" } = peer;
    let source = workload === undefined ? this.#ofPrincipal.get(principal) : this.#ofWorkload.get(workload);
    if (source === undefined) {
      source = {
        labels: this.#self ?? peerSource(peer),
        mutualTls: peer.principal !== undefined,
        byWorkload: new WeakMap(),
        byService: new Map(),
      };
      if (workload !== undefined) {
        this.#ofWorkload.set(workload, source);
      } else {
        if (this.#ofPrincipal.size >= namelessMax) {
          this.#ofPrincipal.clear();
        }
        this.#ofPrincipal.set(principal, source);
      }
    }
    this.#ofPeer.set(peer, source);
    return source;
  }
}
