import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { servedFindings } from "../expose-to-the-outside/findings.ts";
import { previewOf } from "../expose-to-the-outside/previews.ts";
import { intentKey } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { exposureForm } from "./preview-plan.ts";

/** Fields of an exposure as a release has them. */
const fields: Readonly<Record<string, string>> = { gateway: "preview.gateway", host: "preview.host" };

/** What the gateway says, and whoever serves the host already. */
export function previewFindings(form: ReleaseAVersionForm, context: PathContext): Finding[] {
  const preview = previewOf(form, context.inventory);
  if (preview === undefined) {
    return [];
  }
  const current = new Map(context.current);
  current.delete(intentKey({ ...form, slug: "release-a-version" }));
  return servedFindings(exposureForm(preview, true), { ...context, current }).map((found) => ({
    ...found,
    field: fields[found.field] ?? "preview.host",
    // Values of a repair are those of the other form.
    repair: null,
  }));
}
