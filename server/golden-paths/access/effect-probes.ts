/** Requests that prove a change of whole namespaces: what is otherwise from now on, and what goes on as before. Pure. */
import {
  type Inventory,
  type InventoryIdentity,
  type InventoryService,
  identitiesOf,
} from "@/server/inventory/model.ts";
import type { IntentChange } from "../intent.ts";
import type { PathContext } from "../path.ts";
import type { Probe, ProbeSource } from "../probe.ts";
import { type Caller, type Outcome, outcomeOf } from "./outcome.ts";
import { probeOf, probePort, workloadOf } from "./probe-requests.ts";
import { type SampleRequest, sampleOf } from "./sample-request.ts";

/** Calls that are judged before it is given up: a preview waits for it. */
const callsMax = 300;

/** A workload that runs as somebody; in plain text when there is no caller. */
interface Asker extends Pick<InventoryIdentity, "namespace" | "serviceAccount"> {
  readonly source: ProbeSource;
  readonly caller: Caller;
}

/**
 * At most two: one call whose fate the change decides, as the mesh's own engine says, and one that gets in before and
 * after. What an authorizer decides is not known, so nothing is sent that one is asked about.
 */
export function effectProbes(
  changes: readonly IntentChange[],
  isAbout: (namespace: string) => boolean,
  context: PathContext,
): Probe[] {
  const { inventory } = context;
  const [before, after] = [outcomeOf([], context), outcomeOf(changes, context)];
  const services = inventory.services.filter(
    ({ kind, namespace, pods, enrolment }) =>
      // At pods outside of the mesh nothing is enforced.
      kind === "service" && isAbout(namespace) && pods.length > 0 && enrolment.captured === enrolment.pods,
  );
  let changed: Probe | undefined;
  let kept: Probe | undefined;
  const everybody = askers(inventory);
  let calls = 0;
  for (const service of services) {
    const port = probePort(
      service,
      service.ports.map((one) => one.port),
      inventory,
    );
    if (port === undefined) {
      continue;
    }
    const request = sampleOf(undefined, context.traffic.paths(service));
    for (const { source, caller, namespace, serviceAccount } of everybody) {
      if (service.pods.some((pod) => pod.namespace === namespace && pod.serviceAccount === serviceAccount)) {
        continue;
      }
      if (++calls > callsMax) {
        return [changed, kept].filter((one) => one !== undefined);
      }
      const [was, is] = [before, after].map((outcome) => getsIn(outcome, service, caller, port, request));
      if (was === undefined || is === undefined) {
        continue;
      }
      const probe = (): Probe | undefined =>
        probeOf(
          source,
          service,
          port,
          request,
          { kind: is ? "reaches" : "refused" },
          caller === undefined ? "in plain text" : "",
        );
      if (was !== is) {
        changed ??= probe();
      } else if (is) {
        kept ??= probe();
      }
    }
    if (changed !== undefined && kept !== undefined) {
      break;
    }
  }
  return [changed, kept].filter((one) => one !== undefined);
}

/** Running workloads in the mesh, and one outside of it: that calls in plain text. */
function askers(inventory: Inventory): Asker[] {
  const enrolled = identitiesOf(inventory)
    .filter((one) => one.enrolled)
    .flatMap((caller) => {
      const source = workloadOf(inventory, caller);
      return source === undefined ? [] : [{ ...caller, source, caller }];
    });
  const plain = inventory.pods.find((pod) => !pod.captured && !pod.proxy && pod.ready && pod.phase === "Running");
  return plain === undefined
    ? enrolled
    : [
        ...enrolled,
        {
          namespace: plain.namespace,
          serviceAccount: plain.serviceAccount,
          source: { kind: "workload", namespace: plain.namespace, workload: plain.workload },
          caller: undefined,
        },
      ];
}

/** Undefined: nobody can tell. Plain text comes to each pod past any waypoint, and pods may differ. */
function getsIn(
  outcome: Outcome,
  service: InventoryService,
  caller: Caller,
  port: number,
  request: SampleRequest,
): boolean | undefined {
  if (caller !== undefined) {
    const passage = outcome.request(service, caller, port, request, "none");
    return passage.hops.some((hop) => hop.asks.length > 0) ? undefined : passage.allowed;
  }
  const target = service.ports.find((one) => one.port === port)?.targetPort || port;
  const fates = new Set(service.pods.map((pod) => outcome.connection(pod, undefined, target).allowed));
  const [fate] = fates;
  return fates.size === 1 ? fate : undefined;
}
