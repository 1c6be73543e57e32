/** What speaks against sharing calls among versions. Pure. */
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { IntentSet } from "../intent.ts";
import { tooFew } from "../mirror-traffic/too-few.ts";
import type { PathContext } from "../path.ts";
import { matchFindings, stickyFindings } from "./match-findings.ts";
import { previewFindings } from "./preview-findings.ts";
import { besides } from "./side-findings.ts";
import { versionFindings } from "./version-findings.ts";

/** `next`: the intents once the form is applied. */
export const releaseFindings = (form: ReleaseAVersionForm, next: IntentSet, context: PathContext): Finding[] => [
  ...versionFindings(form, context),
  ...(form.canary === null
    ? []
    : [
        ...matchFindings(form, context),
        ...stickyFindings(form, context),
        ...previewFindings(form, context),
        ...(form.weight > 0 ? tooFew(form.weight, "weight", form.service, context) : []),
      ]),
  ...besides(form, next, context),
];
