import { availableParallelism } from "node:os";
import type { Log } from "../common/log.ts";
import type { CertificateManager } from "../identity/certificate-client.ts";
import { formatSpiffeId, type WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { Audits } from "./audits.ts";
import type { ClusterCounters } from "./cluster-counters.ts";
import type { ProxySettings } from "./config.ts";
import type { NamedAddress, ToCore } from "./core-messages.ts";
import type { DataPlane, DrainTimes } from "./data-plane.ts";
import { dividedConfig, isDivisible } from "./divided-config.ts";
import { LoadWatch } from "./load-watch.ts";
import { SecondCore } from "./second-core.ts";
import { utilizationMeter } from "./utilization.ts";
import type { WantedKeys } from "./wanted-keys.ts";

export interface CoresOptions {
  readonly settings: ProxySettings;
  readonly certificates: Pick<CertificateManager, "current" | "onRenewal">;
  /** Of the main thread; it must share its port when `coresMax` says more than one. */
  readonly plane: DataPlane;
  readonly recorder: Recorder;
  readonly counters: ClusterCounters;
  readonly audits: Audits;
  readonly wantedKeys: WantedKeys;
  readonly log: Log;
  readonly drain: DrainTimes;
  readonly hbonePort?: number;
  /** Hears how many threads serve, whenever that changes. */
  readonly onCores?: (running: number) => void;
}

const watchMs = 1_000;
const both = 2;
/** After a thread that failed, before another is tried. */
const failedPauseMs = 30_000;

/** Where the kernel spreads connections over sockets that share a port (SO_REUSEPORT); elsewhere Node refuses to. */
const spreads: ReadonlySet<string> = new Set(["linux", "freebsd"]);

/** Threads that a proxy may use: one, or two where the machine has them and nothing forbids it. */
export const coresMax = (settings: ProxySettings): number =>
  settings.workersMax > 0 && availableParallelism() > 1 && spreads.has(process.platform) ? both : 1;

/**
 * Everything the control plane says goes through here, to the one thread or to both. A second thread is started when the
 * first is busy for some seconds and ended when one is enough again; callers notice neither.
 */
export class Cores {
  readonly #options: CoresOptions;
  readonly #identity: WorkloadIdentity;
  readonly #watch = new LoadWatch();
  readonly #utilization = utilizationMeter();
  readonly #timer: NodeJS.Timeout;
  readonly #stopRenewals: () => void;
  /** For a thread that starts later; the values are those of the view. */
  readonly #addresses = new Map<string, NamedAddress>();
  #config: ProxyConfig | undefined;
  #second: SecondCore | undefined;
  #notBefore = 0;

  constructor(options: CoresOptions) {
    this.#options = options;
    const { trustDomain, namespace, serviceAccount } = options.settings;
    this.#identity = { trustDomain, namespace, serviceAccount };
    const own = formatSpiffeId(this.#identity);
    this.#stopRenewals = options.certificates.onRenewal((certificate) => {
      if (certificate.info.spiffeId === own) {
        this.#send({ type: "certificate", certificate });
      }
    });
    this.#timer = setInterval(() => this.#observe(), watchMs).unref();
  }

  /** As the control plane gave it; threads may work with shares of it. */
  get config(): ProxyConfig | undefined {
    return this.#config;
  }

  get openConnections(): number {
    return this.#options.plane.openConnections + (this.#second?.openConnections ?? 0);
  }

  get running(): number {
    return this.#second?.bound === true ? both : 1;
  }

  /** Throws when it cannot be used: the former stays. */
  apply(config: ProxyConfig): void {
    const { plane } = this.#options;
    const divisible = isDivisible(config, both);
    plane.apply(divisible ? dividedConfig(config, this.running) : config);
    this.#config = config;
    // Also to a thread that is on its way out: what it still answers, it answers by the rules that hold.
    this.#send({ type: "config", config: dividedConfig(config, both) });
    if (!divisible) {
      this.shrink();
    }
  }

  /** The Gateway is gone: nothing is served any more. */
  remove(): void {
    const { plane } = this.#options;
    plane.remove();
    this.#config = plane.config;
    if (this.#config !== undefined) {
      this.#send({ type: "config", config: this.#config });
    }
  }

  addresses(upserted: readonly NamedAddress[], removed: readonly string[]): void {
    for (const name of removed) {
      this.#addresses.delete(name);
    }
    for (const address of upserted) {
      this.#addresses.set(address.name, address);
    }
    this.#options.plane.view.apply(upserted, removed);
    this.#send({ type: "addresses", upserted, removed });
  }

  /** Starts the second thread; nothing happens when there is one, or its share of limits could be felt. */
  grow(): void {
    const { settings, certificates, log, hbonePort, recorder, counters, audits, wantedKeys } = this.#options;
    const config = this.#config;
    const certificate = certificates.current(this.#identity);
    if (this.#second !== undefined || config === undefined || certificate === undefined || !isDivisible(config, both)) {
      return;
    }
    log.info("starting a second core");
    const second = new SecondCore(
      {
        // Published addresses stay with the main thread: another mesh on this machine must not come to share them.
        settings: { ...settings, hostPorts: new Map() },
        certificate,
        addresses: [...this.#addresses.values()],
        config: dividedConfig(config, both),
        hbonePort,
      },
      {
        log,
        onBound: () => this.#joined(),
        onReport: (report) => {
          recorder.absorb(report.batch);
          counters.absorb(report.batch.clusters);
          audits.absorb(report.audits);
          report.wantedKeys.forEach(wantedKeys.wanted);
        },
        onGone: () => this.#left(second),
      },
    );
    this.#second = second;
  }

  /** Ends the second thread in good order. */
  shrink(): void {
    const second = this.#second;
    if (second !== undefined && !second.draining) {
      this.#options.log.info("one core is enough");
      second.drain(this.#options.drain).catch(() => undefined);
    }
  }

  /** Everything ends, in good order. */
  async drain(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopRenewals();
    const { plane, drain } = this.#options;
    await Promise.all([plane.drain(drain), this.#second?.drain(drain)]);
  }

  #observe(): void {
    const second = this.#second;
    const main = this.#utilization();
    if (second !== undefined && (!second.bound || second.draining)) {
      return;
    }
    const room = Date.now() < this.#notBefore ? 1 : coresMax(this.#options.settings);
    switch (this.#watch.observe(main, second === undefined ? [] : [second.utilization], room)) {
      case "grow":
        this.grow();
        break;
      case "shed":
        this.#options.plane.shed();
        break;
      case "shrink":
        this.shrink();
        break;
      case "stay":
        break;
    }
  }

  #joined(): void {
    const { plane, log } = this.#options;
    if (this.#config !== undefined) {
      plane.apply(dividedConfig(this.#config, both));
    }
    log.info("second core listens", { callersAskedToComeAgain: plane.shed() });
    this.#options.onCores?.(both);
  }

  #left(second: SecondCore): void {
    const { plane, counters, log } = this.#options;
    counters.forgetElsewhere();
    this.#second = undefined;
    if (!second.draining) {
      this.#notBefore = Date.now() + failedPauseMs;
      log.warn("second core is gone");
    }
    if (this.#config !== undefined) {
      plane.apply(this.#config);
    }
    this.#options.onCores?.(1);
  }

  #send(message: ToCore): void {
    this.#second?.send(message);
  }
}
