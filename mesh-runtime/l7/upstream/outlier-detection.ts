import type { L7OutlierDetection } from "../../xds/proxy-config.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { isGatewayError } from "./retry-policy.ts";

/** Longest ejection unless a single one is already longer (Envoy, `max_ejection_time`). */
const ejectionMaxMs = 300_000;

/**
 * Envoy's outlier detection, as far as Istio turns it on: consecutive 5xx and consecutive gateway errors, where failures
 * to connect, resets and timeouts count as 503 and 504 (`split_external_local_origin_errors` is off).
 *
 * It has no timer: sweeps lie on a fixed grid of `intervalMs` and are caught up with when somebody looks.
 */
export class OutlierDetection {
  #config: L7OutlierDetection | undefined;
  #gridMs = 0;
  #ejected = 0;
  /** When the next sweep has something to do; infinite while there is nothing. */
  dueMs = Number.POSITIVE_INFINITY;
  /** Ejections since the start. */
  ejections = 0;

  get panicPercent(): number {
    return this.#config?.panicPercent ?? 0;
  }

  get enabled(): boolean {
    return this.#config !== undefined;
  }

  /** New settings. Without any, nobody stays ejected; tells whether that changed somebody. */
  configure(config: L7OutlierDetection | undefined, states: Iterable<EndpointState>, nowMs: number): boolean {
    if (this.#config === undefined) {
      this.#gridMs = nowMs;
    }
    this.#config = config;
    if (config !== undefined) {
      return false;
    }
    const hadEjected = this.#ejected > 0;
    for (const state of states) {
      reset(state);
      state.ejected = false;
      state.ejectionFactor = 0;
    }
    this.#ejected = 0;
    this.dueMs = Number.POSITIVE_INFINITY;
    return hadEjected;
  }

  /** An endpoint is gone. */
  forget(state: EndpointState): void {
    if (state.ejected) {
      state.ejected = false;
      this.#ejected--;
    }
  }

  /**
   * Notes how a try ended, as an HTTP status. `hosts` is how many endpoints the cluster has. Tells whether the endpoint
   * was ejected by it.
   */
  record(state: EndpointState, status: number, hosts: number, now: () => number): boolean {
    const config = this.#config;
    if (config === undefined) {
      return false;
    }
    if (status < 500) {
      reset(state);
      return false;
    }
    const gatewayError = isGatewayError(status);
    state.consecutive5xx++;
    state.consecutiveGatewayErrors = gatewayError ? state.consecutiveGatewayErrors + 1 : 0;
    if (state.ejected) {
      return false;
    }
    let ejected = false;
    // A threshold of 0 is never met: that is off.
    if (gatewayError && state.consecutiveGatewayErrors === config.consecutiveGatewayErrors) {
      state.consecutiveGatewayErrors = 0;
      ejected = this.#eject(state, "consecutive-gateway-errors", config, hosts, now);
    }
    if (!ejected && state.consecutive5xx === config.consecutive5xx) {
      state.consecutive5xx = 0;
      ejected = this.#eject(state, "consecutive-5xx", config, hosts, now);
    }
    return ejected;
  }

  /** Takes back whose time is over, and lets factors of those that behave go down. Tells whether somebody came back. */
  sweep(states: Iterable<EndpointState>, nowMs: number): boolean {
    const config = this.#config;
    this.dueMs = Number.POSITIVE_INFINITY;
    if (config === undefined) {
      return false;
    }
    const intervalMs = Math.max(1, config.intervalMs);
    const sweepMs = this.#gridMs + Math.floor((nowMs - this.#gridMs) / intervalMs) * intervalMs;
    let back = false;
    for (const state of states) {
      if (state.ejected && state.ejectedUntilMs <= sweepMs) {
        back = true;
        this.#ejected--;
        state.ejected = false;
        state.sweptMs = state.ejectedUntilMs;
        state.warmingSinceMs = nowMs;
        reset(state);
      }
      if (!state.ejected && state.ejectionFactor > 0) {
        const sweeps = Math.max(0, Math.floor((sweepMs - state.sweptMs) / intervalMs));
        state.ejectionFactor = Math.max(0, state.ejectionFactor - sweeps);
        state.sweptMs = sweepMs;
      }
      if (state.ejected) {
        this.dueMs = Math.min(this.dueMs, state.ejectedUntilMs);
      } else if (state.ejectionFactor > 0) {
        this.dueMs = Math.min(this.dueMs, sweepMs + intervalMs);
      }
    }
    return back;
  }

  /**
   * Ejects unless too many are out already. Envoy lets not even one go beyond the percentage (`always_eject_one_host` is
   * off, and Istio does not set it): of three endpoints none is ejected with 10 %.
   */
  #eject(state: EndpointState, reason: string, config: L7OutlierDetection, hosts: number, now: () => number): boolean {
    if (100 * (this.#ejected + 1) > Math.min(100, config.maxEjectionPercent) * hosts) {
      return false;
    }
    const { baseEjectionMs } = config;
    const intervalMs = Math.max(1, config.intervalMs);
    const maxMs = Math.max(ejectionMaxMs, baseEjectionMs);
    const nowMs = now();
    if (state.ejectionFactor * baseEjectionMs < maxMs + baseEjectionMs) {
      state.ejectionFactor++;
    }
    const overMs = nowMs + Math.min(maxMs, baseEjectionMs * state.ejectionFactor);
    state.ejected = true;
    state.ejectedUntilMs = this.#gridMs + Math.ceil((overMs - this.#gridMs) / intervalMs) * intervalMs;
    state.ejectionReason = reason;
    this.#ejected++;
    this.ejections++;
    this.dueMs = Math.min(this.dueMs, state.ejectedUntilMs);
    return true;
  }
}

function reset(state: EndpointState): void {
  state.consecutive5xx = 0;
  state.consecutiveGatewayErrors = 0;
}
