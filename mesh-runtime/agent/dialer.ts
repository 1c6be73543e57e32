import type { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { meshNetwork } from "../common/mesh-network.ts";
import { HboneError } from "../hbone/errors.ts";
import type { HbonePool, TunnelSecurity } from "../hbone/pool.ts";
import type { Workload } from "../xds/model.ts";
import { chooseOutside } from "./choose-outside.ts";
import { chooseUpstream, type MeshView, type Upstream, type UpstreamQuery } from "./choose-upstream.ts";
import { dialApplication } from "./dial-application.ts";
import { dialPlain } from "./dial-plain.ts";
import { ExternalStreams } from "./external-streams.ts";
import type { LocalPod } from "./local-pod.ts";
import type { OutsideView } from "./outside-destinations.ts";
import { UpstreamError, upstreamError } from "./upstream-error.ts";

/** How often and how long a waypoint is given to learn of a service: 25 ms, then twice as long each time, 775 ms in all. */
const waypointNewsAttempts = 5;
const waypointNewsMs = 25;

/** An upstream that can be dialled. */
export type Target = Exclude<Upstream, { kind: "refused" }>;

export interface Dialed {
  readonly stream: Duplex;
  readonly target: Target;
  /** Present on HBONE. */
  readonly security: TunnelSecurity | undefined;
}

export interface DialerOptions {
  readonly mesh: MeshView & { workload(uid: string): Workload | undefined };
  readonly pool: Pick<HbonePool, "connect">;
  /** Destinations outside of the mesh; absent: all may be called. */
  readonly outside?: OutsideView;
  readonly connectTimeoutMs?: number;
  /** Endpoints tried for one call. */
  readonly attemptsMax?: number;
  readonly random?: () => number;
}

/** Chooses upstreams, counts what is open to each, and dials them. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #open = new Map<string, number>();
  readonly #external = new ExternalStreams();

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Picks an upstream. Throws an UpstreamError when there is none. */
  choose(pod: LocalPod, host: string, port: number, exclude?: ReadonlySet<string>): Target {
    const { mesh, outside } = this.#options;
    const query: UpstreamQuery = {
      host,
      port,
      callerNamespace: pod.spec.namespace,
      callerInMesh: pod.captured,
      caller: mesh.workload(pod.workloadUid),
      ownPorts: pod.spec.ports,
      openRequests: (uid) => this.#open.get(uid) ?? 0,
      random: this.#options.random ?? Math.random,
      ...(exclude === undefined ? {} : { exclude }),
    };
    const first = chooseUpstream(mesh, query);
    const chosen = outside === undefined ? first : chooseOutside(mesh, outside, query, first);
    if (chosen.kind === "refused") {
      const denial = chosen.code === "destination-not-listed" ? { denial: chosen.code } : {};
      throw new UpstreamError(chosen.code, chosen.message, denial);
    }
    return chosen;
  }

  /** Cuts what is open to destinations outside that may not be called any more. */
  recheckOutside(): void {
    this.#external.cutWhere(({ pod, host, port }) => {
      try {
        this.choose(pod, host, port);
        return false;
      } catch (error) {
        return error instanceof UpstreamError && error.code === "destination-not-listed";
      }
    });
  }

  /** Counts one more open request or connection; returns how to take it back, once. */
  count(target: Target): () => void {
    if (target.kind !== "workload") {
      return () => undefined;
    }
    const { uid } = target.workload;
    this.#open.set(uid, (this.#open.get(uid) ?? 0) + 1);
    let counted = true;
    return () => {
      if (counted) {
        counted = false;
        const rest = (this.#open.get(uid) ?? 1) - 1;
        if (rest > 0) {
          this.#open.set(uid, rest);
        } else {
          this.#open.delete(uid);
        }
      }
    };
  }

  /** Dials a target; when it cannot be reached, other endpoints of the same service. Rejects with an UpstreamError. */
  async dial(pod: LocalPod, first: Target, host: string, port: number): Promise<Dialed> {
    const tried = new Set<string>();
    let target = first;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#dialOne(pod, target);
      } catch (cause) {
        const error = upstreamError(cause);
        const another = attempt < (this.#options.attemptsMax ?? 3) && error.tryAnother;
        const next = another && target.kind === "workload" ? this.#another(pod, target, host, port, tried) : undefined;
        if (next === undefined) {
          throw error;
        }
        target = next;
      }
    }
  }

  #another(
    pod: LocalPod,
    failed: Extract<Target, { kind: "workload" }>,
    host: string,
    port: number,
    tried: Set<string>,
  ): Target | undefined {
    // The workload may have joined or left the mesh while it was dialled: then it deserves another try itself.
    const now = this.#options.mesh.workload(failed.workload.uid);
    if (now === undefined || now.tunnelProtocol === failed.workload.tunnelProtocol || tried.has(now.uid)) {
      tried.add(failed.workload.uid);
    } else {
      tried.add(`retried ${now.uid}`);
    }
    if (failed.service === undefined && tried.has(failed.workload.uid)) {
      return undefined;
    }
    try {
      return this.choose(pod, host, port, tried);
    } catch {
      return undefined;
    }
  }

  /** A ServiceEntry is no way past the policies of a pod. */
  #isInside(address: string, pod: LocalPod): boolean {
    return meshNetwork(pod.address)(address) || this.#options.mesh.workloadByAddress(address) !== undefined;
  }

  async #dialOne(pod: LocalPod, target: Target): Promise<Dialed> {
    const timeoutMs = this.#options.connectTimeoutMs ?? 5_000;
    if (target.kind === "self") {
      return { stream: await dialApplication(target.port, timeoutMs), target, security: undefined };
    }
    if (target.kind === "external") {
      const { endpoint } = target;
      if (endpoint !== undefined && this.#isInside(endpoint.host, pod)) {
        throw new UpstreamError("forbidden-destination", `${endpoint.host} is in the mesh, not outside`);
      }
      const stream = await dialPlain({ ...(endpoint ?? { host: target.host, port: target.port }), timeoutMs });
      this.#external.add(stream, { pod, host: target.host, port: target.port });
      return { stream, target, security: undefined };
    }
    const { workload, address, port } = target;
    if (target.protocol === "PLAIN") {
      const stream = await dialPlain({ host: address, port, localAddress: pod.address, timeoutMs });
      return { stream, target, security: undefined };
    }
    const request = {
      source: pod.identity,
      localAddress: pod.address,
      destination: {
        address,
        identity: {
          trustDomain: workload.trustDomain,
          namespace: workload.namespace,
          serviceAccount: workload.serviceAccount,
        },
      },
      target: target.authority,
      headers: { baggage: baggageOf(this.#options.mesh.workload(pod.workloadUid), pod) },
    };
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { stream, security } = await this.#options.pool.connect(request);
        return { stream, target, security };
      } catch (error) {
        // A waypoint may hear of a service that is new to it a moment after we did.
        const unknownThere = workload.nativeTunnel && error instanceof HboneError && error.status === 404;
        if (!unknownThere || attempt >= waypointNewsAttempts) {
          throw error;
        }
        await setTimeout(waypointNewsMs * 2 ** attempt);
      }
    }
  }
}

/** What ztunnel says of the source (W3C Baggage, OpenTelemetry resource names). */
function baggageOf(workload: Workload | undefined, pod: LocalPod): string {
  const entries = {
    "k8s.cluster.name": workload?.clusterId,
    "k8s.namespace.name": pod.spec.namespace,
    [`k8s.${(workload?.workloadType ?? "POD").toLowerCase()}.name`]: workload?.workloadName ?? pod.spec.name,
    "service.name": workload?.canonicalName,
    "service.version": workload?.canonicalRevision,
    "cloud.region": workload?.locality.region,
    "cloud.availability_zone": workload?.locality.zone,
  };
  return Object.entries(entries)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${encodeURIComponent(value ?? "")}`)
    .join(",");
}
