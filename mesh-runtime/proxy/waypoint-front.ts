import type { Duplex } from "node:stream";
import type { Log } from "../common/log.ts";
import type { CertificateSource } from "../hbone/secure-context.ts";
import type { InboundConnection } from "../hbone/server.ts";
import { formatSpiffeId, type WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { Front } from "./front.ts";
import { startWaypointServer, type WaypointServer, type WaypointServerOptions } from "./waypoint-server.ts";

export interface WaypointFrontOptions extends Omit<WaypointServerOptions, "certificate" | "trustDomain"> {
  readonly certificates: CertificateSource;
  /** Whose certificate is shown. */
  readonly identity: WorkloadIdentity;
  readonly log: Log;
  readonly onListen?: (address: string, port: number) => void;
}

const rebindMs = 1_000;

/** Keeps a waypoint's HBONE server: bound as soon as there is a certificate, with the newest one. */
export class WaypointFront implements Front {
  readonly #options: WaypointFrontOptions;
  readonly #stopRenewals: () => void;
  readonly #stop = new AbortController();
  readonly settled: Promise<void>;
  #server: WaypointServer | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: WaypointFrontOptions) {
    this.#options = options;
    const spiffeId = formatSpiffeId(options.identity);
    this.#stopRenewals = options.certificates.onRenewal((certificate) => {
      if (certificate.info.spiffeId === spiffeId) {
        this.#server?.replaceCertificate(certificate);
      }
    });
    this.settled = this.#bind();
  }

  get ready(): boolean {
    return this.#server !== undefined;
  }

  get openConnections(): number {
    return this.#server?.openConnections ?? 0;
  }

  /** The bound port, once it is. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  connections(): Iterable<InboundConnection> {
    return this.#server?.connections() ?? [];
  }

  apply(): void {
    // A waypoint has one port, whatever its configuration says.
  }

  shed(retire: (stream: Duplex) => void): number {
    return this.#server?.shed(retire) ?? 0;
  }

  retire(services: ReadonlySet<string>, end: (stream: Duplex) => void): void {
    this.#server?.retireServices(services, end);
  }

  async stopListening(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#retry);
    this.#stopRenewals();
    await this.settled;
    await this.#server?.drain();
  }

  destroyConnections(): void {
    // Only called after `stopListening`: what counts is that nothing stays open.
    this.#server?.close().catch(() => undefined);
  }

  async #bind(): Promise<void> {
    const { certificates, identity, log, onListen, ...server } = this.#options;
    const { signal } = this.#stop;
    try {
      await certificates.fetch(identity, { signal });
      // It may have been renewed while we waited for the address.
      const certificate = certificates.current(identity) ?? (await certificates.fetch(identity, { signal }));
      if (signal.aborted) {
        return;
      }
      const started = await startWaypointServer({ ...server, certificate, trustDomain: identity.trustDomain });
      const newest = certificates.current(identity);
      if (newest !== undefined && newest !== certificate) {
        started.replaceCertificate(newest);
      }
      this.#server = started;
      onListen?.(started.address, started.port);
    } catch (error) {
      if (!signal.aborted) {
        log.error("address cannot be bound, trying again", { port: this.#options.port, error: String(error) });
        this.#retry = setTimeout(() => void this.#bind(), rebindMs).unref();
      }
    }
  }
}
