import { cachedObjects } from "@/server/changes/live-objects.ts";
import { isUnchanged, propose } from "@/server/changes/proposal.ts";
import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { WhatIf, WhatIfRequest } from "@/server/contracts/what-if.ts";
import { PortalError } from "@/server/errors.ts";
import { findingsOf } from "@/server/findings/findings.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { check } from "@/server/http/body.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { Portal } from "@/server/portal.ts";
import { answerWhatIf } from "./answer.ts";

/** Answers one question about the cluster, or about the cluster with a form applied. Throws PortalError. */
export async function whatIf(portal: Portal, request: WhatIfRequest): Promise<WhatIf> {
  const context = await portal.changes.context();
  const { inventory, findings } = worldOf(request, context, portal);
  const service = findService(inventory, request.service);
  if (service === undefined || service.kind !== "service") {
    throw invalid("service", `There is no service ${request.service.namespace}/${request.service.name}.`);
  }
  if (!service.ports.some(({ port }) => port === request.port)) {
    const ports = service.ports.map(({ port }) => port).join(", ");
    throw invalid("port", `${service.name} has no port ${request.port}. It has ${ports || "none"}.`);
  }
  return answerWhatIf(request, service, {
    inventory,
    trustDomain: portal.config.trustDomain,
    gatewayUrl: portal.config.gatewayUrl,
    findings: [...findings, ...findingsOf(inventory, [`${service.namespace}/${service.name}`], portal.config.target)],
    imagined: request.with !== null,
  });
}

const invalid = (path: string, message: string): PortalError =>
  new PortalError("invalid-input", message, { fields: [{ path, message }] });

function worldOf(
  { with: form }: WhatIfRequest,
  context: PathContext,
  { cluster }: Portal,
): { readonly inventory: Inventory; readonly findings: readonly Finding[] } {
  if (form === null) {
    return { inventory: context.inventory, findings: [] };
  }
  const { filled, steps } = proposeForm(form.slug, form.values, context, cluster);
  const changed = steps.filter((step) => !isUnchanged(step));
  return { inventory: inventoryAfter(context.inventory, changed), findings: filled.findings };
}

const proposeForm = <S extends PathSlug>(slug: S, values: unknown, context: PathContext, cluster: Portal["cluster"]) =>
  // Each entry of `pathForms` parses to the type of the same key in `PathFormValues`.
  propose(slug, check<unknown>(pathForms[slug], values) as PathFormValues[S], context, cachedObjects(cluster));
