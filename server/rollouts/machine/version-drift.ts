/** Whether what runs as the canary is what was judged. Pure. */
import type { VersionTemplate } from "../ports.ts";
import type { Machine, Release } from "./state.ts";
import { type Look, type Next, noted } from "./step.ts";

/** What runs when its first share is on its way, or a person let it go on, is what is judged. */
export const remembered = (machine: Machine, { template }: Pick<Look, "template">): Machine =>
  machine.template !== null || template === null
    ? machine
    : { ...machine, template: { hash: template.hash, images: [...template.images] } };

/** "kubectl-edit: shop:2 runs, it was shop:1"; empty while it is the same. Without a Deployment there is nothing to compare. */
export function otherTemplate({ machine }: Pick<Release, "machine">, { template }: Pick<Look, "template">): string {
  if (machine.template === null || template === null || machine.template.hash === template.hash) {
    return "";
  }
  const what = differenceOf(machine.template.images, template);
  return template.manager === "" ? what : `${template.manager}: ${what}`;
}

const differenceOf = (before: readonly string[], { images, resource }: VersionTemplate): string =>
  before.join(" ") === images.join(" ")
    ? `the pod template of Deployment ${resource.name} was changed`
    : `${images.join(", ")} runs, it was ${before.join(", ")}`;

/** Verdicts about what ran before say nothing about what runs now. */
export const versionDrifted = ({ spec, machine }: Release, words: string): Next =>
  noted(
    {
      ...machine,
      holds: { ...machine.holds, drift: true, version: true, words },
      soak: { ...machine.soak, intervalFromUnixMs: null },
    },
    "warning",
    "drift",
    `Somebody else changed what runs as ${spec.canary} (${words}): it waits for a person`,
  );
