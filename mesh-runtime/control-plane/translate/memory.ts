import type { MeshAddress } from "../../xds/address-type.ts";
import type { Outside } from "../../xds/outside.ts";
import type { L7Service, ProxyConfig } from "../../xds/proxy-config.ts";
import type { ClusterMemory, MadeCluster } from "./config-sources.ts";
import type { PodInput } from "./input/pod.ts";
import type { ServiceInput } from "./input/service.ts";
import { createMemo, type Memo } from "./memo.ts";
import type { OutsidePart } from "./outside/waypoint-services.ts";
import type { PolicyMemory } from "./policies.ts";
import type { TranslatedRoute } from "./routes/routes.ts";
import { createStableGroups, type StableGroups } from "./stable-groups.ts";
import type { GuardMemory } from "./waypoint/guards.ts";
import type { Unreadable } from "./waypoint/waypoint-config.ts";

/** What one translation may take over from the one before. */
export interface TranslationMemory extends PolicyMemory {
  readonly services: Memo<MeshAddress | undefined>;
  readonly workloads: Memo<MeshAddress | undefined>;
  readonly routes: Memo<TranslatedRoute>;
  /** Parts of waypoints' configurations. */
  readonly l7Services: Memo<L7Service>;
  readonly unreadable: Unreadable;
  /** Destinations outside: what agents get, and parts of waypoints' configurations. */
  readonly outside: Memo<readonly Outside[]>;
  readonly outsideParts: Memo<OutsidePart>;
  readonly clusters: ClusterMemory;
  readonly servicesByNamespace: StableGroups<ServiceInput>;
  readonly podsByNamespace: StableGroups<PodInput>;
  readonly allServices: StableGroups<ServiceInput>;
  readonly guards: GuardMemory;
  /** The configurations of the last translation. */
  readonly configs: Map<string, ProxyConfig>;
}

/** An empty memory. */
export const createTranslationMemory = (): TranslationMemory => ({
  policies: createMemo(),
  services: createMemo(),
  workloads: createMemo(),
  routes: createMemo(),
  l7Services: createMemo(),
  unreadable: new WeakMap(),
  outside: createMemo(),
  outsideParts: createMemo(),
  clusters: createMemo<Map<string, MadeCluster | undefined>>(),
  servicesByNamespace: createStableGroups(),
  podsByNamespace: createStableGroups(),
  allServices: createStableGroups(),
  peers: createStableGroups(),
  peerPolicies: createMemo(),
  guards: { verdicts: new Map() },
  configs: new Map(),
});
