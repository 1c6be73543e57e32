/** Paths that would change the answer, filled in. Pure. */
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { WhatIfHop, WhatIfRequest } from "@/server/contracts/what-if.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";

/** Headers that a rule would ask for are the person's to choose: none is filled in. */
export function fixesOf(
  request: WhatIfRequest,
  service: InventoryService,
  hops: readonly WhatIfHop[],
  { pods }: Inventory,
): Prefilled[] {
  const { caller } = request;
  const last = hops.at(-1);
  const ref = { namespace: service.namespace, name: service.name };
  if (last === undefined) {
    return [];
  }
  if (last.verdict === "allowed") {
    return caller.kind === "identity" ? [block(request, service)] : [];
  }
  if (last.at === "gateway") {
    return caller.kind === "outside" && last.policy === ""
      ? [
          {
            slug: "expose-to-the-outside",
            title: `Expose ${service.name} to the outside`,
            reason: "Opens the form filled in",
            values: { service: ref, port: request.port, gateway: caller.gateway, host: caller.host },
          },
        ]
      : [];
  }
  if (caller.kind !== "identity") {
    return [];
  }
  if (last.principal === "") {
    const outside = pods.some(
      (pod) => pod.namespace === caller.namespace && pod.serviceAccount === caller.serviceAccount && !pod.captured,
    );
    return outside
      ? [
          {
            slug: "join-the-mesh",
            title: `Enrol ${caller.namespace}`,
            reason: `${caller.serviceAccount} calls in plain text; in the mesh it can prove who it is`,
            values: { namespaces: [caller.namespace], enrolled: true },
          },
        ]
      : [];
  }
  const fixable =
    last.verdict === "denied" && (last.attribute === "" || /^(source|request|destination)\./.test(last.attribute));
  if (!fixable || last.attribute.startsWith("request.auth")) {
    return [];
  }
  return [
    {
      slug: "let-a-caller-in",
      title: `Let ${caller.serviceAccount} call ${service.name}`,
      reason: "Opens the form filled in",
      values: {
        service: ref,
        callers: [{ kind: "identity", namespace: caller.namespace, serviceAccount: caller.serviceAccount }],
        ports: [request.port],
        requests: asksForRequests(last) ? [{ methods: [request.method], paths: [pathOnly(request.path)] }] : [],
        allowed: true,
      },
    },
  ];
}

/** Method and path are named where they are what was missing. */
const asksForRequests = ({ at, attribute }: WhatIfHop): boolean =>
  at === "waypoint" && /^request\.(method|path)$/.test(attribute);

const pathOnly = (path: string): string => path.split("?")[0] ?? path;

const block = ({ caller, port, method, path }: WhatIfRequest, service: InventoryService): Prefilled => ({
  slug: "block-a-caller",
  title: caller.kind === "identity" ? `Block ${caller.serviceAccount}` : "Block it",
  reason: "Refuses it whatever else allows it",
  values: {
    service: { namespace: service.namespace, name: service.name },
    who: "these",
    callers:
      caller.kind === "identity"
        ? [{ kind: "identity", namespace: caller.namespace, serviceAccount: caller.serviceAccount }]
        : [],
    ports: [port],
    requests: service.waypoint === undefined ? [] : [{ methods: [method], paths: [pathOnly(path)] }],
    blocked: true,
  },
});
