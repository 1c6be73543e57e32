import type { Server } from "node:net";
import { ports } from "../common/ports.ts";
import type { HboneServer } from "../hbone/server.ts";
import type { Certificate, CertificateManager } from "../identity/certificate-client.ts";
import { AgentError } from "./agent-error.ts";
import { bind, isAddressInUse } from "./bind.ts";
import type { FirstSync } from "./first-sync.ts";
import { type InboundDeps, startInbound } from "./inbound.ts";
import { createPlaintextServer } from "./inbound-plaintext.ts";
import type { LocalPod } from "./local-pod.ts";
import { createOutboundFront, type OutboundDeps, type OutboundFront } from "./outbound.ts";

export interface PodListenersDeps {
  readonly inbound: InboundDeps;
  readonly outbound: OutboundDeps;
  readonly certificates: Pick<CertificateManager, "fetch">;
  readonly firstSync: FirstSync;
  /** Capture stands or has ended: what goes out may take another way now. */
  onCaptureChanged(pod: LocalPod): void;
  readonly captureTimeoutMs?: number;
}

/** After a pod left the mesh its HBONE listener stays this long: callers hear of it one after the other. */
const leaveMs = 5_000;

/** Everything that listens on one pod's address. */
export class PodListeners {
  readonly pod: LocalPod;
  readonly #deps: PodListenersDeps;
  readonly #plaintext = new Map<number, Server>();
  #front: OutboundFront | undefined;
  #hbone: HboneServer | undefined;
  #leaving: NodeJS.Timeout | undefined;
  /** Stopped listening, but tunnels that were open may finish. */
  #draining: HboneServer | undefined;
  readonly #stop = new AbortController();

  constructor(pod: LocalPod, deps: PodListenersDeps) {
    this.pod = pod;
    this.#deps = deps;
  }

  get front(): OutboundFront | undefined {
    return this.#front;
  }

  get hbone(): HboneServer | undefined {
    return this.#hbone;
  }

  get isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Brings the listeners in line with the pod's spec. Rejects with an AgentError; may be called again. */
  async apply(): Promise<{ readonly captured: boolean }> {
    this.#stop.signal.throwIfAborted();
    try {
      await this.#listenOut();
      await this.#listenPlain();
      if (this.pod.spec.captured) {
        await this.#capture();
      } else {
        this.#leave();
      }
    } catch (error) {
      throw this.#explained(error);
    }
    return { captured: this.pod.captured };
  }

  /** Uses a renewed certificate for new connections. */
  renew(certificate: Certificate): void {
    this.#hbone?.replaceCertificate(certificate);
  }

  async close(): Promise<void> {
    this.#stop.abort(new AgentError("removed", "the pod was removed"));
    clearTimeout(this.#leaving);
    this.pod.captured = false;
    this.#deps.inbound.gate.cutAll(this.pod);
    this.#front?.close();
    for (const server of this.#plaintext.values()) {
      server.close();
    }
    await Promise.all([this.#hbone?.close(), this.#draining?.close()]);
  }

  async #listenOut(): Promise<void> {
    if (this.#front === undefined) {
      const front = createOutboundFront(this.pod, this.#deps.outbound);
      try {
        await bind(front.server, this.pod.address, ports.outbound);
      } catch (error) {
        front.close();
        throw error;
      }
      this.#front = front;
      this.#closeIfLate(() => front.close());
    }
  }

  async #listenPlain(): Promise<void> {
    const wanted = new Set(this.pod.spec.ports.map(({ port }) => port));
    for (const [port, server] of this.#plaintext) {
      if (!wanted.has(port)) {
        this.#plaintext.delete(port);
        server.close();
      }
    }
    for (const port of wanted) {
      if (!this.#plaintext.has(port)) {
        const server = createPlaintextServer(this.pod, port, this.#deps.inbound);
        await bind(server, this.pod.address, port);
        this.#plaintext.set(port, server);
        this.#closeIfLate(() => server.close());
      }
    }
  }

  /** Certificate, HBONE listener, policy: only with all three is the pod captured. */
  async #capture(): Promise<void> {
    clearTimeout(this.#leaving);
    this.#leaving = undefined;
    const { certificates, firstSync, inbound, captureTimeoutMs = 15_000 } = this.#deps;
    if (this.#hbone === undefined) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(captureTimeoutMs)]);
      const certificate = await certificates.fetch(this.pod.identity, { signal }).catch((cause: unknown) => {
        this.#stop.signal.throwIfAborted();
        throw new AgentError("no-certificate", `no certificate for ${this.pod.spiffeId}`, { cause });
      });
      const server = await startInbound(this.pod, certificate, inbound);
      this.#hbone = server;
      this.#closeIfLate(() => void server.close());
    }
    if (!(await firstSync.within(captureTimeoutMs))) {
      throw new AgentError("not-synced", "the control plane has not answered yet");
    }
    this.#stop.signal.throwIfAborted();
    if (!this.pod.captured && this.pod.spec.captured) {
      this.pod.captured = true;
      if (!this.pod.enforced) {
        this.pod.enforced = true;
        inbound.gate.enforcementBegan(this.pod);
      }
      this.#deps.onCaptureChanged(this.pod);
    }
  }

  #leave(): void {
    const was = this.pod.captured;
    this.pod.captured = false;
    this.pod.enforced = false;
    if (was) {
      this.#deps.onCaptureChanged(this.pod);
    }
    const server = this.#hbone;
    if (server !== undefined && this.#leaving === undefined) {
      this.#leaving = setTimeout(() => {
        this.#hbone = undefined;
        this.#leaving = undefined;
        this.#draining = server;
        server.drain().catch(() => undefined);
      }, leaveMs).unref();
    }
  }

  /** A listener that stands up while the pod is being removed must not stay. */
  #closeIfLate(close: () => void): void {
    if (this.isClosed) {
      close();
      this.#stop.signal.throwIfAborted();
    }
  }

  #explained(error: unknown): AgentError {
    if (error instanceof AgentError) {
      return error;
    }
    const message = error instanceof Error ? error.message : String(error);
    return new AgentError(isAddressInUse(error) ? "address-in-use" : "bind-failed", message, { cause: error });
  }
}
