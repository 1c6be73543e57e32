/** The golden path that would repair a refusal, filled in. Pure. */
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { InForceIntent } from "@/server/golden-path-pages/in-force.ts";
import { findService, type Inventory, type InventoryService } from "@/server/inventory/model.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { addRequest, type NearestRule } from "./add-request.ts";
import { isPlainTextRefusal } from "./denial-words.ts";
import { editFix } from "./edit-fix.ts";
import type { Makers } from "./made-by.ts";

/** What stands behind the refusing policy, and everything else that golden paths hold. */
export interface FixMakers {
  readonly makers: Makers;
  readonly inForce: readonly InForceIntent[];
}

type Refused = Pick<DenialIdentity, "reason" | "policy" | "destinationPort"> &
  Partial<Pick<DenialIdentity, "hop" | "attribute" | "method" | "path" | "host" | "rule">>;

/** null: no path of today repairs it. */
export function fixFor(
  identity: Refused,
  from: NodeRef,
  to: NodeRef,
  principal: string,
  inventory: Inventory,
  { makers, inForce }: FixMakers = { makers: { ours: false, intents: [] }, inForce: [] },
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
  const caller = namespace === undefined || serviceAccount === undefined ? undefined : { namespace, serviceAccount };
  const callerTitle = from.kind === "unknown" && caller !== undefined ? caller.serviceAccount : from.name;
  const service = findService(inventory, to);
  const port = service === undefined ? undefined : portOf(service, identity);
  const call = {
    identity,
    caller,
    callerTitle,
    service: { namespace: to.namespace, name: to.name },
    port,
    nearest: nearestOf(identity, inventory),
  };
  // Pods behind a waypoint take it and, since it passes waypoints by, the gateway; others go through the waypoint.
  const pastWaypoint = service?.waypoint !== undefined && identity.hop !== "waypoint" && from.kind === "service";
  const edited = pastWaypoint && identity.reason === "no-allow-policy-matched" ? null : editFix(call, makers, inForce);
  if (edited !== null) {
    return edited;
  }
  if (
    identity.reason !== "no-allow-policy-matched" ||
    !(isAboutIdentity(identity) || (identity.hop === "waypoint" && makers.ours)) ||
    caller === undefined ||
    service?.kind !== "service" ||
    pastWaypoint
  ) {
    return null;
  }
  const named = port ?? service.ports[0]?.port;
  return {
    slug: "let-a-caller-in",
    title: `Let ${callerTitle} call ${service.name}`,
    reason: "Opens the form filled in",
    values: {
      service: call.service,
      callers: [{ kind: "identity", ...caller }],
      ports: named === undefined ? [] : [named],
      requests: othersSendSome(call.service, inForce) ? (requestOf(identity) ?? []) : [],
      allowed: true,
    },
  };
}

function nearestOf({ policy, rule = -1 }: Refused, { authorizationPolicies }: Inventory): NearestRule | undefined {
  const live = authorizationPolicies.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === policy);
  const operation = live?.spec?.rules?.[rule]?.to?.[0]?.operation;
  return operation && { methods: [...(operation.methods ?? [])], paths: [...(operation.paths ?? [])] };
}

/** A proxy in front of the pods knows the service's number, an agent the pod's. */
const portOf = ({ ports }: InventoryService, { hop, destinationPort }: Refused): number | undefined =>
  ports.find(({ port, targetPort }) => (hop === "waypoint" ? port : targetPort) === destinationPort)?.port;

/** Where others may send certain requests only, a new caller gets no more than what it tried. */
const othersSendSome = (
  service: { readonly namespace: string; readonly name: string },
  all: readonly InForceIntent[],
) =>
  all.some(
    ({ intent }) =>
      intent.slug === "let-a-caller-in" &&
      intent.service.namespace === service.namespace &&
      intent.service.name === service.name &&
      intent.requests.length > 0,
  );

const requestOf = ({ method = "", path = "" }: Refused) => addRequest([], { method, path });

/** The form lets identities in: it adds no method, path or header to a rule, and a gateway reads others. */
const isAboutIdentity = ({ hop = "agent", attribute = "none" }: Refused): boolean =>
  hop === "agent" || (hop === "waypoint" && (attribute === "none" || attribute.startsWith("source.")));
