import type { Engine } from "../l7/engine.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import { LeavingServices } from "./leaving-services.ts";
import { type PreparedListeners, prepareListeners } from "./prepared-listeners.ts";
import { type PreparedCertificate, prepareCertificates } from "./sni-certificates.ts";

export interface ProxyConfigurationOptions {
  readonly engine: Pick<Engine, "apply">;
  readonly view: Pick<MeshView, "become">;
  /** The first configuration says what this proxy is; the front is made then. */
  onKind(kind: ProxyConfig["kind"]): void;
  /** Services are served only until their callers have left; told again and again until they have. */
  onLeaving(services: ReadonlySet<string>): void;
  /** In force from now on. */
  onApplied(config: ProxyConfig, listeners: PreparedListeners): void;
}

/** How often callers of services that leave are asked to end their connections. */
const askLeavingMs = 500;

/**
 * The configuration in force. A new one is made ready whole before anything of it is used; what cannot be made ready
 * changes nothing, and its reason goes back to the control plane.
 */
export class ProxyConfiguration {
  readonly #options: ProxyConfigurationOptions;
  #certificates: ReadonlyMap<string, PreparedCertificate> = new Map();
  #current: ProxyConfig | undefined;
  readonly #leaving = new LeavingServices();
  #asking: NodeJS.Timeout | undefined;

  constructor(options: ProxyConfigurationOptions) {
    this.#options = options;
  }

  get current(): ProxyConfig | undefined {
    return this.#current;
  }

  /** Throws when it cannot be used. */
  apply(config: ProxyConfig): void {
    const { engine, view } = this.#options;
    const former = this.#current;
    if (former !== undefined && former.kind !== config.kind) {
      throw new Error(`a running ${former.kind} cannot become a ${config.kind}: replace its pod`);
    }
    const certificates = prepareCertificates(config.certificates, this.#certificates);
    const listeners = prepareListeners(config.listeners, certificates);
    view.become(config.kind);
    engine.apply(this.#leaving.with(config, former, performance.now()));
    this.#certificates = certificates;
    this.#current = config;
    if (former === undefined) {
      this.#options.onKind(config.kind);
    }
    this.#options.onApplied(config, listeners);
    this.#askLeaving();
  }

  /** The Gateway is gone: nothing is served any more. */
  remove(): void {
    const former = this.#current;
    if (former !== undefined) {
      this.#current = { ...former, services: [] };
      this.#leaving.forget();
      this.apply({ ...former, listeners: [], services: [], workloads: [], clusters: [], certificates: [] });
    }
  }

  /** Asks until the time of the last one is over. */
  #askLeaving(): void {
    clearTimeout(this.#asking);
    if (this.#leaving.names.size === 0) {
      return;
    }
    this.#options.onLeaving(this.#leaving.names);
    this.#asking = setTimeout(() => {
      const config = this.#current;
      if (config !== undefined) {
        const before = this.#leaving.names.size;
        const rest = this.#leaving.with(config, config, performance.now());
        if (this.#leaving.names.size < before) {
          this.#options.engine.apply(rest);
        }
        this.#askLeaving();
      }
    }, askLeavingMs);
    this.#asking.unref();
  }
}
