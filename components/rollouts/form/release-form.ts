/** What the fields of a release get. */

import type { GoldenPathOptions, SeenTraffic } from "@/server/contracts/golden-paths.ts";
import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import type { RolloutOptions } from "@/server/contracts/rollouts.ts";
import type { EnteredRelease, ReleaseDraft } from "./release-draft.ts";

/** A service as the form knows it: its versions and what they do. */
export type ReleaseService = RolloutOptions["services"][number];

export interface ReleaseForm {
  readonly draft: ReleaseDraft;
  readonly options: RolloutOptions;
  /** Who there is, and what was seen of the service; absent until it is known. */
  readonly identities: GoldenPathOptions["identities"];
  readonly seen: SeenTraffic | undefined;
  readonly service: ReleaseService | undefined;
  readonly set: (change: EnteredRelease) => void;
  readonly setKind: (kind: RolloutKind) => void;
}

export interface ReleaseFieldsProps {
  readonly form: ReleaseForm;
}

/** The service of the draft among those of the mesh. */
export const releaseService = (
  { services }: RolloutOptions,
  service: ReleaseDraft["service"],
): ReleaseService | undefined =>
  services.find((option) => option.service.namespace === service?.namespace && option.service.name === service.name);
