import type { Endpoint } from "../mesh-view.ts";
import { hashText } from "./rendezvous.ts";

/** What a cluster remembers of one endpoint, for as long as the endpoint stays. */
export class EndpointState {
  endpoint: Endpoint;
  /** For consistent hashing. */
  readonly seed: number;
  /** Tries under way. */
  active = 0;
  /** Turn in which it was chosen last; the smallest is next in a round. */
  turn = 0;
  /** Virtual time at which it is due while endpoints weigh differently. */
  due = 0;
  /** Since when it is warming up. */
  warmingSinceMs: number;

  consecutive5xx = 0;
  consecutiveGatewayErrors = 0;
  ejected = false;
  /** Until when, and why, while it is ejected. */
  ejectedUntilMs = 0;
  ejectionReason = "";
  /** Times base ejection that the next ejection lasts, less one. */
  ejectionFactor = 0;
  /** Sweep up to which `ejectionFactor` has gone down. */
  sweptMs = 0;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.seed = hashText(endpoint.key);
    this.warmingSinceMs = endpoint.addedMs;
  }

  get usable(): boolean {
    return this.endpoint.healthy && !this.ejected;
  }

  /** Weight from 0.1 to 1, growing linearly over `warmupMs` (Envoy, "Slow start mode", with its defaults). */
  warmth(nowMs: number, warmupMs: number): number {
    const age = nowMs - this.warmingSinceMs;
    return age >= warmupMs ? 1 : Math.max(0.1, age / warmupMs);
  }
}
