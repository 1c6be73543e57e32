import { setTimeout as delay } from "node:timers/promises";
import { createBackoff } from "../common/backoff.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import type { ControlPlaneEndpoint } from "../xds/control-plane-channel.ts";
import { type Certificate, requestCertificate } from "./certificate-request.ts";
import { formatSpiffeId, type WorkloadIdentity } from "./spiffe-id.ts";

export type { Certificate } from "./certificate-request.ts";

export interface CertificateManagerOptions {
  /** The control plane's port (the same as for xDS), its root, and who we are to it. */
  readonly ca: ControlPlaneEndpoint;
  /** True for agents, which ask on behalf of the pods on their node; false for a proxy that asks for itself. */
  readonly impersonate: boolean;
  readonly log: Log;
}

/** Keeps certificates for the identities that somebody holds; renews each at half of its life. */
export interface CertificateManager extends Running {
  /**
   * The identity's certificate, from now on kept fresh until `release`. Waits and tries again while the CA cannot be
   * reached or refuses; rejects only when `signal` aborts, on `release` and on `close`. Calls share one request.
   */
  fetch(identity: WorkloadIdentity, options?: { signal?: AbortSignal }): Promise<Certificate>;
  /** The certificate at hand, if there is one and it has not expired. */
  current(identity: WorkloadIdentity): Certificate | undefined;
  /** Hears of every renewal (not of the first certificate). Returns how to stop. */
  onRenewal(listener: (certificate: Certificate) => void): () => void;
  /** Nobody needs the identity any more: key and certificate are dropped. */
  release(identity: WorkloadIdentity): void;
  /** For telemetry and admin pages. */
  status(): readonly CertificateStatus[];
}

export interface CertificateStatus {
  readonly spiffeId: string;
  readonly certificate?: Certificate["info"];
  /** Why the last request failed; absent after a success. */
  readonly error?: string;
}

interface Held {
  readonly stop: AbortController;
  certificate?: Certificate;
  error?: string;
  /** For those who wait for the next certificate. */
  pending?: PromiseWithResolvers<Certificate>;
}

/** Starts a manager; it talks to the CA only when an identity is fetched or due. */
export function startCertificateManager(options: CertificateManagerOptions): CertificateManager {
  const held = new Map<string, Held>();
  const listeners = new Set<(certificate: Certificate) => void>();

  const hold = (identity: WorkloadIdentity, spiffeId: string): Held => {
    const entry: Held = { stop: new AbortController() };
    held.set(spiffeId, entry);
    keepFresh(options, identity, entry, (certificate, isFirst) => {
      entry.pending?.resolve(certificate);
      delete entry.pending;
      for (const listener of isFirst ? [] : listeners) {
        listener(certificate);
      }
    }).catch((error: unknown) => entry.pending?.reject(error));
    return entry;
  };

  const drop = (spiffeId: string): void => {
    held.get(spiffeId)?.stop.abort(new Error(`${spiffeId} was released`));
    held.delete(spiffeId);
  };

  return {
    fetch(identity, { signal } = {}) {
      const spiffeId = formatSpiffeId(identity);
      const entry = held.get(spiffeId) ?? hold(identity, spiffeId);
      const ready = currentOf(entry);
      if (ready !== undefined) {
        return Promise.resolve(ready);
      }
      entry.pending ??= Promise.withResolvers();
      return abortable(entry.pending.promise, signal);
    },
    current: (identity) => currentOf(held.get(formatSpiffeId(identity))),
    onRenewal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    release: (identity) => drop(formatSpiffeId(identity)),
    status: () =>
      [...held].map(([spiffeId, { certificate, error }]) => ({
        spiffeId,
        ...(certificate === undefined ? {} : { certificate: certificate.info }),
        ...(error === undefined ? {} : { error }),
      })),
    async close() {
      for (const spiffeId of [...held.keys()]) {
        drop(spiffeId);
      }
    },
  };
}

function currentOf(entry: Held | undefined): Certificate | undefined {
  const certificate = entry?.certificate;
  return certificate !== undefined && certificate.info.notAfterUnixMs > Date.now() ? certificate : undefined;
}

/** Requests, waits for half of the remaining life, requests again, until stopped (then it throws the reason). */
async function keepFresh(
  { ca, impersonate, log }: CertificateManagerOptions,
  identity: WorkloadIdentity,
  entry: Held,
  onCertificate: (certificate: Certificate, isFirst: boolean) => void,
): Promise<never> {
  const { signal } = entry.stop;
  const backoff = createBackoff({ initialMs: 100, maxMs: 5_000 });
  for (;;) {
    let waitMs: number;
    try {
      const certificate = await requestCertificate(ca, identity, { impersonate, signal });
      signal.throwIfAborted();
      const isFirst = entry.certificate === undefined;
      entry.certificate = certificate;
      delete entry.error;
      backoff.reset();
      onCertificate(certificate, isFirst);
      waitMs = halfLife(certificate.info.notAfterUnixMs - Date.now());
    } catch (error) {
      signal.throwIfAborted();
      entry.error = error instanceof Error ? error.message : String(error);
      waitMs = backoff.next();
      log.warn("certificate request failed", {
        identity: formatSpiffeId(identity),
        error: entry.error,
        retryInMs: Math.round(waitMs),
      });
    }
    await delay(waitMs, undefined, { signal, ref: false });
  }
}

/** Half of what is left, a tenth earlier or later so that one node's identities do not all come at once. */
const halfLife = (leftMs: number): number => Math.max(50, (leftMs / 2) * (0.9 + Math.random() * 0.2));

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return await promise;
  }
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
