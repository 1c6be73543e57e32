/** Visitors who got in until somebody was named. Pure. */
import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { InventoryService } from "@/server/inventory/model.ts";
import { asCaller, type FrontGateway, gatewayCutOff, gatewaysInFront, isNamed } from "../access/gateway-cut-off.ts";
import { type Outcome, outcomeOf } from "../access/outcome.ts";
import { sampleOf } from "../access/sample-request.ts";
import type { PathContext } from "../path.ts";

/** The first rule that names callers shuts everybody else out, the gateway that visitors come through too. */
export function visitorsCutOff(
  form: LetACallerInForm,
  service: InventoryService,
  after: Outcome,
  context: PathContext,
): Finding[] {
  if (form.callers.some(({ kind }) => kind === "anyone")) {
    return [];
  }
  const before = outcomeOf([], context);
  const getsIn = (outcome: Outcome, { identity }: FrontGateway, port: number): boolean =>
    outcome.request(service, identity, port, sampleOf(undefined, []), "signed-in").allowed;
  const cutOff = gatewaysInFront(service, context.inventory)
    .filter((gateway) => !isNamed(gateway, form.callers))
    .filter((gateway) => gateway.ports.some((port) => getsIn(before, gateway, port) && !getsIn(after, gateway, port)));
  const ports = [...new Set(cutOff.flatMap((one) => one.ports))].sort((one, other) => one - other);
  // With its limits, ports and end the form would still keep visitors out.
  const fits = form.requests.length === 0 && form.until === null && ports.every((port) => form.ports.includes(port));
  const callers = cutOff.map(asCaller);
  return gatewayCutOff(
    service,
    cutOff,
    fits
      ? { repair: { title: "Let the gateway in too", values: { callers: [...form.callers, ...callers] } } }
      : {
          path: {
            slug: "let-a-caller-in",
            title: `Let the gateway in to ${service.name}`,
            reason: "So that visitors still get in",
            values: { service: form.service, callers, ports, allowed: true },
          },
        },
  );
}
