import type { ProblemConflict } from "@/server/contracts/errors.ts";
import { resourceKey, resourceName, sameResource, toYaml } from "@/server/golden-paths/resource.ts";
import type { Proposal, ResourceStep } from "./proposal.ts";

/** Previews that are remembered; forms ask again at every key. */
const previewsMax = 500;

/** What previews of this process showed, so that a person whose preview is too old is told what moved. */
export class SeenPreviews {
  readonly #steps = new Map<string, readonly ResourceStep[]>();

  remember({ etag, steps }: Proposal): void {
    this.#steps.delete(etag);
    this.#steps.set(etag, steps);
    const [oldest] = this.#steps.keys();
    if (this.#steps.size > previewsMax && oldest !== undefined) {
      this.#steps.delete(oldest);
    }
  }

  /** Both versions of what is not as the preview showed it; empty when that is not known any more. */
  moved(etag: string, { steps }: Proposal): readonly ProblemConflict[] {
    const seen = this.#steps.get(etag);
    if (seen === undefined) {
      return [];
    }
    const former = new Map(seen.map((step) => [resourceKey(step.ref), step]));
    const now = new Map(steps.map((step) => [resourceKey(step.ref), step]));
    return [...new Set([...former.keys(), ...now.keys()])].flatMap((key) => {
      const [then, today] = [former.get(key), now.get(key)];
      const ref = (today ?? then)?.ref;
      if (ref === undefined) {
        return [];
      }
      // Where the object is as it was, what would become of it is not.
      const [one, other] = sameResource(then?.before, today?.before)
        ? [then?.after, today?.after]
        : [then?.before, today?.before];
      return sameResource(one, other)
        ? []
        : [{ resource: resourceName(ref), expected: toYaml(one), live: toYaml(other) }];
    });
  }
}
