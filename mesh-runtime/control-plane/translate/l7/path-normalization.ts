import type { PathNormalization } from "../../../policy/path-normalization.ts";
import type { World } from "../input/world.ts";

/** How far paths are normalized, the same in the whole mesh. */
export const pathNormalizationOf = ({ meshConfig }: World): PathNormalization => meshConfig.pathNormalization;
