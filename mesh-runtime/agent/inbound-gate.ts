import type { DenialReason } from "../api/telemetry.ts";
import type { Decision } from "../policy/model.ts";
import type { FirstSync } from "./first-sync.ts";
import type { InboundCall, Refusal } from "./inbound-call.ts";
import type { InboundTelemetry } from "./inbound-telemetry.ts";
import type { LocalPod } from "./local-pod.ts";
import type { MeshChange, MeshState } from "./mesh-state.ts";

const settleMs = 5_000;
/** How long a call is held while the mesh is not known yet; then it is refused. */
const heldMs = 10_000;

/**
 * Decides about everything that comes in, when it comes and again whenever policy or workloads change, so that a
 * refusal also cuts what is open.
 */
export class InboundGate {
  readonly #mesh: MeshState;
  readonly #telemetry: InboundTelemetry;
  readonly #firstSync: FirstSync;
  readonly #open = new Map<LocalPod, Set<InboundCall>>();

  constructor(mesh: MeshState, telemetry: InboundTelemetry, firstSync: FirstSync) {
    this.#mesh = mesh;
    this.#telemetry = telemetry;
    this.#firstSync = firstSync;
    mesh.onChange((change) => this.#changed(change));
  }

  get openCalls(): number {
    let count = 0;
    for (const calls of this.#open.values()) {
      count += calls.size;
    }
    return count;
  }

  /**
   * Resolves to true when the call may pass; it is then watched until `release`. A refusal is counted and explained
   * here. A pod in the mesh waits for policy first: nothing passes before it is known.
   */
  async admit(call: InboundCall): Promise<boolean> {
    if (call.pod.enforced) {
      await this.#firstSync.within(heldMs);
      await this.#workloadKnown(call.pod);
    }
    const refusal = this.#judge(call);
    if (refusal !== undefined) {
      this.#telemetry.refused(call, refusal);
      return false;
    }
    const calls = this.#open.get(call.pod) ?? new Set();
    this.#open.set(call.pod, calls.add(call));
    return true;
  }

  release(call: InboundCall): void {
    const calls = this.#open.get(call.pod);
    calls?.delete(call);
    if (calls?.size === 0) {
      this.#open.delete(call.pod);
    }
  }

  /** The pod joined: what was open before gets time to finish its request, then it is judged too. */
  enforcementBegan(pod: LocalPod): void {
    setTimeout(() => this.#review(pod), settleMs).unref();
  }

  /** The pod is gone. */
  cutAll(pod: LocalPod): void {
    for (const call of [...(this.#open.get(pod) ?? [])]) {
      call.abort();
    }
  }

  #judge({ pod, port, principal, sourceIp }: InboundCall): Refusal | undefined {
    if (!pod.enforced) {
      return undefined;
    }
    const workload = this.#firstSync.done ? this.#workloadOf(pod) : undefined;
    if (workload === undefined) {
      return { reason: "not-synced", decision: undefined };
    }
    const decision = this.#mesh.decide(workload, {
      sourceIp,
      destinationIp: pod.address,
      destinationPort: port,
      ...(principal === undefined ? {} : { sourcePrincipal: principal }),
    });
    return decision.allowed ? undefined : { reason: reasonOf(decision, principal), decision };
  }

  /** Our pod's workload; not the one of a pod that had its name or address before. */
  #workloadOf(pod: LocalPod) {
    const workload = this.#mesh.workload(pod.workloadUid);
    return workload?.addresses.includes(pod.address) === true ? workload : undefined;
  }

  async #workloadKnown(pod: LocalPod): Promise<void> {
    if (!this.#firstSync.done || this.#workloadOf(pod) !== undefined) {
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, settleMs);
    const stop = this.#mesh.onChange(() => {
      if (this.#workloadOf(pod) !== undefined) {
        resolve();
      }
    });
    await promise;
    clearTimeout(timer);
    stop();
  }

  #changed({ policies, workloads }: MeshChange): void {
    const uids = new Set(workloads.map(({ before, after }) => (after ?? before)?.uid));
    for (const pod of [...this.#open.keys()]) {
      if (policies || uids.has(pod.workloadUid)) {
        this.#review(pod);
      }
    }
  }

  #review(pod: LocalPod): void {
    // A workload that went away takes its pod along soon; until then what is open stays open.
    if (this.#workloadOf(pod) === undefined) {
      return;
    }
    for (const call of [...(this.#open.get(pod) ?? [])]) {
      const refusal = this.#judge(call);
      if (refusal !== undefined) {
        this.#telemetry.refused(call, refusal);
        call.abort();
      }
    }
  }
}

/** PeerAuthentication STRICT travels as a DENY of callers without an identity (Istio's names). */
const strictPolicy = /\/(istio_converted_static_strict|converted_peer_authentication_.*)$/;

function reasonOf(decision: Decision, principal: string | undefined): DenialReason {
  switch (decision.reason) {
    case "denied-by-policy":
      return principal === undefined && strictPolicy.test(decision.policy ?? "")
        ? "plain-text-under-strict"
        : "denied-by-policy";
    case "unknown-policy":
      return "unknown-policy";
    default:
      return "no-allow-policy-matched";
  }
}
