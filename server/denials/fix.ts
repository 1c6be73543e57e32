/** The golden path that would repair a refusal, filled in. Pure. */
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { isPlainTextRefusal } from "./denial-words.ts";

/** null: no path of today repairs it. */
export function fixFor(
  identity: Pick<DenialIdentity, "reason" | "policy" | "destinationPort"> & Partial<Pick<DenialIdentity, "hop">>,
  from: NodeRef,
  to: NodeRef,
  principal: string,
  inventory: Inventory,
): Prefilled | null {
  if (
    principal === "" &&
    from.kind === "service" &&
    (isPlainTextRefusal(identity) || identity.reason === "no-allow-policy-matched")
  ) {
    return {
      slug: "join-the-mesh",
      title: `Enrol ${from.namespace}`,
      reason: `${from.name} calls in plain text; in the mesh it can prove who it is`,
      values: { namespaces: [from.namespace], enrolled: true },
    };
  }
  const [, namespace, serviceAccount] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal) ?? [];
  const service = findService(inventory, to);
  if (
    identity.reason !== "no-allow-policy-matched" ||
    // The form writes rules for agents; a waypoint or gateway reads others.
    (identity.hop ?? "agent") !== "agent" ||
    namespace === undefined ||
    serviceAccount === undefined ||
    service?.kind !== "service" ||
    // A rule at the pods would open a way past the waypoint; only the waypoint itself belongs there.
    (service.waypoint !== undefined && from.kind !== "waypoint")
  ) {
    return null;
  }
  const port = service.ports.find(({ targetPort }) => targetPort === identity.destinationPort) ?? service.ports[0];
  return {
    slug: "let-a-caller-in",
    title: `Let ${from.kind === "unknown" ? serviceAccount : from.name} call ${service.name}`,
    reason: "Opens the form filled in",
    values: {
      service: { namespace: service.namespace, name: service.name },
      callers: [{ kind: "identity", namespace, serviceAccount }],
      ports: port === undefined ? [] : [port.port],
      allowed: true,
    },
  };
}
