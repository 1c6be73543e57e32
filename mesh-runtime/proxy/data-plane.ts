import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../common/log.ts";
import { ports } from "../common/ports.ts";
import { createHbonePool } from "../hbone/pool.ts";
import type { CertificateSource } from "../hbone/secure-context.ts";
import { createEngine } from "../l7/create-engine.ts";
import { MeshView } from "../l7/mesh-view.ts";
import type { ClusterSnapshot } from "../l7/upstream/upstreams.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { AccessLog } from "./access-log.ts";
import type { Audits } from "./audits.ts";
import { BoundListeners } from "./bound-listeners.ts";
import type { ClusterCounters } from "./cluster-counters.ts";
import type { ProxySettings } from "./config.ts";
import { GatewayEdges, WaypointEdges } from "./edge-book.ts";
import type { Front } from "./front.ts";
import { ProxyConfiguration } from "./proxy-configuration.ts";
import { ProxyTelemetry } from "./proxy-telemetry.ts";
import { securedEdges } from "./secured-edges.ts";
import { TelemetryRules } from "./telemetry-rules.ts";
import { WaypointFront } from "./waypoint-front.ts";

/** How long each step of an orderly end may take; together below the 15 s that a pod has. */
export interface DrainTimes {
  /** Still serving, but no longer ready: until callers have heard. */
  readonly lameDuckMs: number;
  /** Between GOAWAY and the end of kept connections. */
  readonly goawayMs: number;
  /** Kept connections end with their next answer; without one after this (agents keep theirs for 4 s). */
  readonly quietMs: number;
  /** For everything after GOAWAY. */
  readonly finishMs: number;
}
export const drainTimes: DrainTimes = { lameDuckMs: 1_000, goawayMs: 250, quietMs: 4_500, finishMs: 12_000 };

export interface DataPlaneOptions {
  readonly settings: ProxySettings;
  readonly certificates: CertificateSource;
  readonly recorder: Recorder;
  readonly counters: ClusterCounters;
  readonly audits: Audits;
  readonly accessLog: AccessLog;
  readonly log: Log;
  readonly onUnknownKey?: (issuer: string) => void;
  readonly onListen?: (name: string, address: string, port: number) => void;
  /** Other threads listen on the same addresses. */
  readonly reusePort?: boolean;
  /** Of a waypoint's HBONE server; 0 for a free one (default 15008). */
  readonly hbonePort?: number;
}

/** A kept connection to a service that leaves ends when nothing came for so long: its client may be about to use it. */
const leavingQuietMs = 1_000;

/** What serves requests on one thread: engine, front, connections to upstreams, and what they tell telemetry. */
export class DataPlane {
  readonly view = new MeshView();
  readonly #options: DataPlaneOptions;
  readonly #hbone: ReturnType<typeof createHbonePool>;
  readonly #engine: ReturnType<typeof createEngine>;
  readonly #rules = new TelemetryRules();
  readonly #configuration: ProxyConfiguration;
  readonly #configured = Promise.withResolvers<void>();
  #telemetry: ProxyTelemetry | undefined;
  #front: Front | undefined;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    const { settings, certificates, log } = options;
    const { trustDomain, namespace, serviceAccount } = settings;
    this.#hbone = createHbonePool({ certificates, trustDomain, log });
    this.#engine = createEngine({
      view: this.view,
      hbone: this.#hbone,
      identity: { trustDomain, namespace, serviceAccount },
      localAddress: settings.podIp,
      locality: { region: settings.region, zone: settings.zone, subzone: "" },
      onExchange: (outcome) => this.#telemetry?.exchange(outcome),
      onTunnel: (outcome) => this.#telemetry?.tunnel(outcome),
      onUnknownKey: options.onUnknownKey,
      onCopy: (outcome) => this.#telemetry?.copy(outcome),
      log,
    });
    this.#configuration = new ProxyConfiguration({
      engine: this.#engine,
      view: this.view,
      onKind: (kind) => this.#become(kind),
      onLeaving: (services) => {
        this.#front?.retire(services, (stream) => this.#engine.retire(stream, leavingQuietMs));
      },
      onApplied: (config, listeners) => {
        this.#rules.update(config);
        this.#front?.apply(listeners);
        this.#configured.resolve();
      },
    });
  }

  get config(): ProxyConfig | undefined {
    return this.#configuration.current;
  }

  /** Everything that is configured is bound. */
  get bound(): boolean {
    return this.#front?.ready === true;
  }

  /** Resolves when there is a configuration and what it asks for is bound, or could not be bound at once. */
  get settled(): Promise<void> {
    return this.#configured.promise.then(() => this.#front?.settled);
  }

  get front(): Front | undefined {
    return this.#front;
  }

  get openConnections(): number {
    return this.#front?.openConnections ?? 0;
  }

  clusters(): readonly ClusterSnapshot[] {
    return this.#engine.clusters();
  }

  /** New configuration, whole. Throws on what cannot be prepared: the former stays. */
  apply(config: ProxyConfig): void {
    this.#configuration.apply(config);
  }

  /** The Gateway is gone: nothing is served any more. */
  remove(): void {
    this.#configuration.remove();
  }

  /** Tells telemetry of all mutual TLS connections; call it about once a second. */
  noteSecured(nowUnixMs: number): void {
    const { settings, recorder } = this.#options;
    const callers = this.#front?.connections() ?? [];
    for (const edge of securedEdges(settings, this.view, this.#hbone.connections(), callers, nowUnixMs)) {
      recorder.secured(edge);
    }
  }

  /** Asks every second caller to come again, so that another thread may get it. Returns how many. */
  shed(): number {
    return this.#front?.shed((stream) => this.#engine.retire(stream, drainTimes.quietMs)) ?? 0;
  }

  /** Ends in good order: no new connections, GOAWAY, requests under way finish, then everything is closed. */
  async drain({ lameDuckMs, goawayMs, quietMs, finishMs }: DrainTimes): Promise<void> {
    const front = this.#front;
    if (front !== undefined) {
      // Whoever has no connection to us has nothing to finish here.
      await delay(front.openConnections > 0 ? lameDuckMs : 0);
      const stopped = front.stopListening();
      await delay(front.openConnections > 0 ? goawayMs : 0);
      await this.#engine.drain(finishMs, quietMs);
      front.destroyConnections();
      await stopped;
    } else {
      await this.#engine.drain(0);
    }
    this.#hbone.close();
  }

  #become(kind: ProxyConfig["kind"]): void {
    const { settings, recorder, counters, audits, accessLog } = this.#options;
    const edges = kind === "waypoint" ? new WaypointEdges(settings, recorder) : new GatewayEdges(settings, recorder);
    const rules = this.#rules;
    this.#telemetry = new ProxyTelemetry({ settings, recorder, counters, rules, audits, accessLog, edges });
    this.#front = kind === "waypoint" ? this.#waypointFront() : this.#gatewayFront();
  }

  #waypointFront(): WaypointFront {
    const { settings, certificates, log, onListen, reusePort, hbonePort } = this.#options;
    const { trustDomain, namespace, serviceAccount } = settings;
    return new WaypointFront({
      host: settings.podIp,
      port: hbonePort ?? ports.hbone,
      certificates,
      identity: { trustDomain, namespace, serviceAccount },
      engine: this.#engine,
      view: this.view,
      log,
      reusePort: reusePort === true,
      onHandshakeRefused: (reason, address) => this.#telemetry?.handshakeRefused(reason, address),
      onListen: (address, port) => onListen?.("hbone", address, port),
    });
  }

  #gatewayFront(): BoundListeners {
    const { settings, log, onListen, reusePort } = this.#options;
    return new BoundListeners({
      podIp: settings.podIp,
      hostPorts: settings.hostPorts,
      engine: this.#engine,
      log,
      reusePort: reusePort === true,
      onListen: (address, port) => onListen?.("http", address, port),
    });
  }
}
