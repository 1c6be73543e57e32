/** Releases as routes and pages see them. */

import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Asker } from "@/server/changes/changes.ts";
import type { BundleDetails, BundleRequest } from "@/server/contracts/rollout-bundles.ts";
import type { RolloutReport } from "@/server/contracts/rollout-report.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type {
  ActionRequest,
  ChainCheck,
  RolloutAction,
  RolloutDetails,
  RolloutList,
  RolloutOptions,
  RolloutPreview,
  RolloutSeries,
  RolloutsQuery,
  StartRequest,
} from "@/server/contracts/rollouts.ts";

/** Everything throws PortalError. */
export interface RolloutsFacade {
  list(query: RolloutsQuery, person: SignedIn): Promise<RolloutList>;
  details(id: string, person: SignedIn): Promise<RolloutDetails>;
  options(service: { readonly namespace?: string; readonly name?: string }, person: SignedIn): Promise<RolloutOptions>;
  preview(spec: RolloutSpec, person: SignedIn): Promise<RolloutPreview>;
  start(request: StartRequest, asker: Asker): Promise<RolloutDetails>;
  act(id: string, action: RolloutAction, request: ActionRequest, asker: Asker): Promise<RolloutDetails>;
  series(id: string, seconds: number): Promise<RolloutSeries>;
  /** Whole, as far as it is kept. */
  report(id: string, person: SignedIn): Promise<RolloutReport>;
  checkChain(id: string, asker: Asker): Promise<ChainCheck>;
  startBundle(request: BundleRequest, asker: Asker): Promise<BundleDetails>;
  bundle(id: string, person: SignedIn): Promise<BundleDetails>;
  bundles(person: SignedIn): Promise<BundleDetails[]>;
  abortBundle(id: string, reason: string, asker: Asker): Promise<BundleDetails>;
  /** Called whenever something of the release moved; answers how to stop. */
  subscribe(id: string, moved: () => void): () => void;
}
