import type { Certificate, CertificateManager } from "../identity/certificate-client.ts";
import type { ZdsAnswer, ZdsPod, ZdsRequest } from "../zds/protocol.ts";
import { AgentError } from "./agent-error.ts";
import { isSamePod, type LocalPod, localPodOf } from "./local-pod.ts";
import { PodListeners, type PodListenersDeps } from "./pod-listeners.ts";

export interface PodRegistryOptions {
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly certificates: Pick<CertificateManager, "release">;
  readonly listeners: PodListenersDeps;
}

interface Entry {
  readonly listeners: PodListeners;
  /** Work on the pod's listeners, one step after the other. */
  work: Promise<unknown>;
}

/** The node's pods. Says yes to the node runner only when what it asked for stands. */
export class PodRegistry {
  readonly #options: PodRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  /** Named since the node runner connected; undefined outside of a snapshot. */
  #named: Set<string> | undefined;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: PodRegistryOptions) {
    this.#options = options;
  }

  get pods(): readonly PodListeners[] {
    return [...this.#entries.values()].map(({ listeners }) => listeners);
  }

  /** A new connection: pods that its snapshot does not name are gone. */
  snapshotBegins(): void {
    this.#named = new Set();
  }

  async handle(request: ZdsRequest): Promise<ZdsAnswer> {
    try {
      switch (request.type) {
        case "pod": {
          this.#named?.add(request.pod.uid);
          const { captured } = await this.#put(request.pod);
          return { type: "ack", id: request.id, captured };
        }
        case "remove":
          await this.#remove(request.uid);
          return { type: "ack", id: request.id, captured: false };
        case "snapshotSent": {
          const named = this.#named ?? new Set();
          this.#named = undefined;
          await Promise.all([...this.#entries.keys()].filter((uid) => !named.has(uid)).map((uid) => this.#remove(uid)));
          return { type: "ack", id: request.id, captured: false };
        }
      }
    } catch (error) {
      const known =
        error instanceof AgentError ? error : new AgentError("bind-failed", String(error), { cause: error });
      return { type: "error", id: request.id, code: known.code, message: `${known.userMessage} (${known.message})` };
    }
  }

  /** Resolves when the node runner says something new of the pod, or after `timeoutMs`. */
  news(pod: LocalPod, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { uid } = pod.spec;
    const waiting = this.#waiting.get(uid) ?? new Set();
    this.#waiting.set(uid, waiting.add(resolve));
    const timer = setTimeout(resolve, timeoutMs);
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(resolve);
    });
  }

  renewed(certificate: Certificate): void {
    for (const { listeners } of this.#entries.values()) {
      if (listeners.pod.spiffeId === certificate.info.spiffeId) {
        listeners.renew(certificate);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((uid) => this.#remove(uid)));
  }

  async #put(spec: ZdsPod): Promise<{ readonly captured: boolean }> {
    const known = this.#entries.get(spec.uid);
    if (known !== undefined && isSamePod(known.listeners.pod, spec)) {
      // Sessions and ports count at once, even while a step before this one waits for its certificate.
      known.listeners.pod.spec = spec;
      this.#tell(spec.uid);
      return await this.#step(known);
    }
    await this.#makeRoom(spec);
    const pod = localPodOf(spec, this.#options);
    const entry: Entry = { listeners: new PodListeners(pod, this.#options.listeners), work: Promise.resolve() };
    this.#entries.set(spec.uid, entry);
    return await this.#step(entry);
  }

  #step(entry: Entry): Promise<{ readonly captured: boolean }> {
    const step = entry.work.then(() => entry.listeners.apply());
    entry.work = step.catch(() => undefined);
    return step;
  }

  /** Whoever had the pod's uid or address before is gone, though nobody may have said so. */
  async #makeRoom(spec: ZdsPod): Promise<void> {
    for (const [uid, { listeners }] of this.#entries) {
      if (uid === spec.uid || listeners.pod.address === spec.podIP) {
        await this.#remove(uid);
      }
    }
  }

  async #remove(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    if (entry === undefined) {
      return;
    }
    this.#entries.delete(uid);
    const { identity, spiffeId } = entry.listeners.pod;
    await entry.listeners.close();
    if (!this.pods.some(({ pod }) => pod.spiffeId === spiffeId)) {
      this.#options.certificates.release(identity);
    }
    this.#tell(uid);
    this.#waiting.delete(uid);
  }

  #tell(uid: string): void {
    for (const resolve of this.#waiting.get(uid) ?? []) {
      resolve();
    }
  }
}
