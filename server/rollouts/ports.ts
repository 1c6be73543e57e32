/** What a release needs of the rest: the machine drives against these, the portal joins them. */
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import type { ResourceRef, ServiceRef } from "@/server/contracts/names.ts";
import type { NewVersion, RolloutSpec, WebhookRule } from "@/server/contracts/rollout-spec.ts";
import type { ChainCheck, VersionFigures } from "@/server/contracts/rollouts.ts";
import type { IntervalCounts, VersionCounts } from "./analysis/counts.ts";
import type { WebhookOutcome } from "./analysis/judge.ts";

/** Shares of a service as its intent has them. */
export type Shares = Omit<ReleaseAVersionForm, "service" | "enabled">;

/** Whose release it is. */
export interface Owner {
  readonly rolloutId: string;
  readonly service: ServiceRef;
  /** Person who asked for this step; null for the release itself. */
  readonly by: string | null;
  readonly reason: string;
  /** A person saw somebody else's edit of the route and wants it written over. */
  readonly overwrite?: boolean;
}

/** How far wanted shares are. */
export type Placement =
  /** In force, and every proxy has confirmed it. */
  | { readonly state: "placed" }
  /** Being written, or not confirmed yet; `words` says what is waited for. */
  | { readonly state: "moving"; readonly words: string }
  /** Other teams must agree first. */
  | { readonly state: "waiting"; readonly changeId: string; readonly words: string }
  /** It will not come by itself: refused by the cluster, rejected, a finding, a freeze window. */
  | { readonly state: "refused"; readonly reason: "refused" | "rejected" | "freeze" | "drift"; readonly words: string };

/** Writes shares. */
export interface TrafficPort {
  /** By the intents in force; undefined when the service has none. */
  inForce(service: ServiceRef): Promise<Shares | undefined>;
  /**
   * Takes one step towards the shares and says how far it is; to be called again until it is placed. Safe to call from
   * anywhere at any time: a change that is under way is found again by its release. Throws what is unreachable.
   */
  place(owner: Owner, wanted: Shares): Promise<Placement>;
  /**
   * Straight to the route, before all else, for going back: answers when the API server has it. `place` follows, which
   * keeps the books. Waits for no lock.
   */
  placeNow(owner: Owner, wanted: Shares): Promise<void>;
  /** What somebody else changed of the service's routes; empty when all is as it should be. */
  drift(service: ServiceRef): Promise<readonly Drifted[]>;
  /** What runs as a version by its Deployments, as the live copy has them; undefined where none does. */
  templateOf(service: ServiceRef, version: string): VersionTemplate | undefined;
  /** Why nothing may move there now ("Nothing is changed in … until …"); empty when it may. */
  frozen(service: ServiceRef, nowUnixMs: number): Promise<string>;
  /** The change that would come first. */
  preview(spec: RolloutSpec, personId: string): Promise<Preview>;
}

export interface Drifted {
  readonly resource: ResourceRef;
  /** Field manager of the edit: "kubectl-edit". */
  readonly manager: string;
  /** "weight of purchase-history-v2 was 10, is 50". */
  readonly words: string;
}

/** What a version's pods are made from. */
export interface VersionTemplate {
  /** Of all that makes pods; another one makes others. */
  readonly hash: string;
  /** Of all containers, in order. */
  readonly images: readonly string[];
  /** The first Deployment, and who else wrote it last: "kubectl-edit"; empty when nobody is named. */
  readonly resource: ResourceRef;
  readonly manager: string;
}

/** Starts and stops versions. */
export interface WorkloadPort {
  /** YAML of what `start` would apply; throws PortalError when the stable version has no Deployment to take as a model. */
  manifest(service: ServiceRef, stable: string, canary: string, start: NewVersion): Promise<string>;
  /**
   * Applies the Deployment of the version unless it is there; safe to repeat. The Service selects its pods as soon as they
   * are ready: without shares in force (`place` with `canary: null`) they would get their part of all calls.
   */
  start(owner: Owner, stable: string, canary: string, start: NewVersion): Promise<void>;
  /** Takes back what `start` of this release made; nothing else. */
  remove(owner: Owner, canary: string): Promise<void>;
  /** No pods of this version any more; the Deployment stays. */
  stop(owner: Owner, version: string): Promise<void>;
  /** As many pods as before `stop`. */
  resume(owner: Owner, version: string): Promise<void>;
  /** Pods by readiness. */
  pods(service: ServiceRef, version: string): VersionFigures["pods"];
}

/** What the proxies counted. */
export interface MeasurePort {
  /** Both versions over the same time: calls, and apart from them what the canary answered to copies. */
  interval(service: ServiceRef, stable: string, canary: string, fromUnixMs: number, toUnixMs: number): IntervalCounts;
  counts(service: ServiceRef, version: string, fromUnixMs: number, toUnixMs: number): VersionCounts;
  /** The waypoints of the service reported up to this moment, whether or not there were requests; null: they do not. */
  freshUnixMs(service: ServiceRef): number | null;
}

export interface WebhookPort {
  /** Asks all rules of a moment, each once, in parallel; never throws. */
  ask(
    rules: readonly WebhookRule[],
    when: WebhookRule["when"],
    facts: Readonly<Record<string, unknown>>,
  ): Promise<readonly WebhookOutcome[]>;
}

export interface ChainPort {
  /** Sends a few requests with the canary's header from outside and looks where it was lost; never throws. */
  check(spec: RolloutSpec): Promise<ChainCheck>;
  /** Command lines that reach the canary, the shortest way first. */
  reach(spec: RolloutSpec): { readonly title: string; readonly command: string; readonly tryHref: string }[];
}

/** Whether the cluster can be read and written now. */
export interface MeshPort {
  readonly connected: boolean;
}

export interface RolloutPorts {
  readonly traffic: TrafficPort;
  readonly workloads: WorkloadPort;
  readonly measure: MeasurePort;
  readonly webhooks: WebhookPort;
  readonly chain: ChainPort;
  readonly mesh: MeshPort;
}
