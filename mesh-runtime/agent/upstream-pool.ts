import type { Target } from "./dialer.ts";
import type { HttpUpstream } from "./http-upstream.ts";

interface Idle {
  readonly upstream: HttpUpstream;
  readonly untilMs: number;
}

/** Most servers keep an idle connection for five seconds or more (Node.js: exactly five); leave before they do. */
const idleMsDefault = 4_000;
const idleMsMax = 55_000;
const idlePerTargetMax = 64;

/** Where a target's connections are kept: never shared between pods, protocols, endpoints, destinations behind a waypoint or identities. */
export const targetKey = (target: Target): string =>
  target.kind === "workload"
    ? `${target.protocol} ${target.workload.uid} ${target.workload.serviceAccount} ${target.authority}`
    : `${target.kind === "external" ? target.host : "self"} ${target.port}`;

/** One pod's idle HTTP connections. */
export class UpstreamPool {
  readonly #idle = new Map<string, Idle[]>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get size(): number {
    let size = 0;
    for (const list of this.#idle.values()) {
      size += list.length;
    }
    return size;
  }

  /** The connection that was used last, since it is the least likely to be closed by its server. */
  take(target: Target): HttpUpstream | undefined {
    const list = this.#idle.get(targetKey(target));
    for (let entry = list?.pop(); entry !== undefined; entry = list?.pop()) {
      if (entry.untilMs > this.#now() && entry.upstream.usable) {
        return entry.upstream;
      }
      entry.upstream.close();
    }
    return undefined;
  }

  put(upstream: HttpUpstream): void {
    const key = targetKey(upstream.dialed.target);
    let list = this.#idle.get(key);
    if (list === undefined) {
      list = [];
      this.#idle.set(key, list);
    }
    if (list.length >= idlePerTargetMax) {
      upstream.close();
      return;
    }
    const idleMs = Math.min(upstream.idleMs ?? idleMsDefault, idleMsMax);
    list.push({ upstream, untilMs: this.#now() + idleMs });
    upstream.rest(() => this.#remove(key, upstream));
  }

  /** Closes what has been idle for too long. */
  sweep(): void {
    this.closeWhere(({ untilMs }) => untilMs <= this.#now());
  }

  /** Closes idle connections, e.g. of a workload that joined the mesh; those in use finish their request. */
  closeWhere(matches: (idle: Idle) => boolean): void {
    for (const [key, list] of this.#idle) {
      const kept = list.filter((idle) => {
        if (matches(idle)) {
          idle.upstream.close();
          return false;
        }
        return true;
      });
      if (kept.length === 0) {
        this.#idle.delete(key);
      } else if (kept.length < list.length) {
        this.#idle.set(key, kept);
      }
    }
  }

  #remove(key: string, upstream: HttpUpstream): void {
    const kept = this.#idle.get(key)?.filter((idle) => idle.upstream !== upstream) ?? [];
    if (kept.length === 0) {
      this.#idle.delete(key);
    } else {
      this.#idle.set(key, kept);
    }
  }
}
