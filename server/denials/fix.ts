/** The golden path that would repair a refusal, filled in. Pure. */
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { isPlainTextRefusal } from "./denial-words.ts";

/** null: no path of today repairs it. */
export function fixFor(
  identity: Pick<DenialIdentity, "reason" | "policy" | "destinationPort"> &
    Partial<Pick<DenialIdentity, "hop" | "attribute">>,
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
    !isAboutIdentity(identity) ||
    namespace === undefined ||
    serviceAccount === undefined ||
    service?.kind !== "service" ||
    // Pods behind a waypoint take it and, since it passes waypoints by, the gateway; others go through the waypoint.
    (service.waypoint !== undefined && identity.hop !== "waypoint" && from.kind === "service")
  ) {
    return null;
  }
  const numberOf = (port: (typeof service.ports)[number]): number =>
    identity.hop === "waypoint" ? port.port : port.targetPort;
  const port = service.ports.find((candidate) => numberOf(candidate) === identity.destinationPort) ?? service.ports[0];
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

/** The form lets identities in: it adds no method, path or header to a rule, and a gateway reads others. */
const isAboutIdentity = ({ hop = "agent", attribute = "none" }: Parameters<typeof fixFor>[0]): boolean =>
  hop === "agent" || (hop === "waypoint" && (attribute === "none" || attribute.startsWith("source.")));
