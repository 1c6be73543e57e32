import type { BundleDetails } from "../../server/contracts/rollout-bundles.ts";
import type { ChainCheck, RolloutDetails } from "../../server/contracts/rollouts.ts";
import type { PortalApi } from "./portal-api.ts";

/** What can be asked of the portal's process. */
export interface Calls {
  start(spec: object): Promise<RolloutDetails>;
  act(release: string, action: string): Promise<RolloutDetails>;
  details(release: string): Promise<RolloutDetails>;
  checkChain(release: string): Promise<ChainCheck>;
  startBundle(title: string, specs: readonly object[]): Promise<BundleDetails>;
  bundle(bundle: string): Promise<BundleDetails>;
  /** Serves the API over HTTP, for as long as the process lives. */
  api(): Promise<PortalApi>;
}

export type ToPortal =
  | { readonly part: string; readonly batch: unknown }
  | { readonly id: number; readonly call: keyof Calls; readonly args: readonly unknown[] };

export type FromPortal =
  | { readonly ready: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
