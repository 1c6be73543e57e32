/** What the paths of one service have in common: their changes, and what there is to say about any service. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService } from "@/server/inventory/model.ts";
import { changeIntents, type IntentSet, intentKey, intentsOfService, type ServiceIntent } from "../intent.ts";
import { count, finding, type PathContext, type PathPlan } from "../path.ts";
import { surroundingsOf } from "../surroundings.ts";
import { needWaypoint, waypointFindings } from "../waypoint/need-waypoint.ts";
import { httpPortsOf } from "./http-ports.ts";

/** Sets the intent, or takes it back; with a waypoint when the service needs one and has none. */
export function planForService(
  intent: ServiceIntent,
  enabled: boolean,
  context: PathContext,
  { waypoint = true }: { readonly waypoint?: boolean } = {},
): PathPlan {
  const key = intentKey(intent);
  const { service } = intent;
  return {
    namespaces: [service.namespace],
    services: [`${service.namespace}/${service.name}`],
    changes: [
      ...(enabled && waypoint ? needWaypoint(service, context) : []),
      { key, before: context.current.get(key), after: enabled ? intent : undefined, subject: intent },
    ],
  };
}

/** The intents in force once the form is applied. */
export const intentsAfter = ({ changes }: PathPlan, { current }: PathContext): IntentSet =>
  changeIntents(current, changes);

/** What speaks against a rule on the service, whatever the rule: it is not there, no HTTP, not in the mesh, no waypoint. */
export function serviceFindings(
  ref: ServiceRef,
  context: PathContext,
  {
    waypoint = true,
    http = true,
    release = true,
  }: { readonly waypoint?: boolean; readonly http?: boolean; readonly release?: boolean } = {},
): Finding[] {
  const { inventory } = context;
  const service = findService(inventory, ref);
  if (service === undefined || service.kind !== "service") {
    const message =
      service === undefined
        ? `There is no service ${ref.name} in namespace ${ref.namespace}. Choose one from the list.`
        : `${ref.name} is a ${service.kind} of the mesh itself. Choose a service that answers calls.`;
    return [finding("error", "unknown-service", "service", message)];
  }
  const parent = parentOf(ref, context);
  if (parent !== undefined) {
    const message = `${ref.name} is one version of ${parent.name}, and comes and goes with the rules of ${parent.name}. Set it there.`;
    const repair = { title: `Choose ${parent.name}`, values: { service: parent } };
    return [finding("error", "managed-elsewhere", "service", message, { repair })];
  }
  const found: Finding[] = [];
  const place = `Service ${ref.namespace}/${ref.name}`;
  if (http && httpPortsOf(inventory, ref).length === 0) {
    const message = `No port of ${ref.name} speaks HTTP, so single requests cannot be told apart. Name a port http-… or grpc-… if it does.`;
    found.push(finding("error", "rule-without-effect", "service", message, { place }));
  }
  const { captured, pods } = service.enrolment;
  if (service.pods.length === 0) {
    found.push(finding("warning", "no-pods", "service", `${ref.name} has no running pods: the rule waits for them.`));
  } else if (captured < pods) {
    const message =
      captured === 0
        ? `${ref.name} is not in the mesh: the rule has no effect on calls to it.`
        : `${count(pods - captured, "pod")} of ${ref.name} ${pods - captured === 1 ? "is" : "are"} not in the mesh yet.`;
    const path = {
      slug: "join-the-mesh" as const,
      title: `Enrol ${ref.namespace}`,
      reason: "Calls are shaped inside the mesh only",
      values: { namespaces: [ref.namespace], enrolled: true },
    };
    found.push(finding("warning", "service-not-enrolled", "service", message, { path }));
  }
  return [
    ...found,
    ...(release ? runningRelease(ref, context) : []),
    ...(waypoint ? waypointFindings(ref, context) : []),
  ];
}

/** Two versions share the calls: rules of the service hold for both. */
function runningRelease(ref: ServiceRef, { current }: PathContext): Finding[] {
  const running = intentsOfService(current, ref).find((one) => one.slug === "release-a-version");
  if (running === undefined || running.canary === null) {
    return [];
  }
  const { stable, canary, weight, mirror, match, preview } = running;
  const gets = weight > 0 || mirror > 0 || match.length > 0 || preview !== null;
  const message = `A release of ${canary} beside ${stable} runs: this applies to both versions.`;
  return gets ? [finding("info", "side-effects", "service", message)] : [];
}

/** The service that a Service of one version was made for. */
function parentOf({ namespace, name }: ServiceRef, { current, inventory }: PathContext): ServiceRef | undefined {
  const surroundings = surroundingsOf(current, inventory);
  return [...surroundings.services()]
    .map(({ service }) => service)
    .find(
      (service) =>
        service.namespace === namespace &&
        surroundings.versionServicesOf(service).some((version) => version.name === name),
    );
}

/** Longest time that a rule may speak of. */
const longestMs = 24 * 3_600_000;

/** A duration that is too long, or zero where that has no meaning. */
export function durationFindings(field: string, duration: string | null, { zero = false } = {}): Finding[] {
  const ms = duration === null ? undefined : durationMs(duration);
  if (ms === undefined || (ms > 0 && ms <= longestMs) || (ms === 0 && zero)) {
    return [];
  }
  const message =
    ms === 0 ? "Zero is no time here. Enter at least 1ms." : "That is longer than a day. Enter at most 24h.";
  return [finding("error", "out-of-range", field, message)];
}

/** `<slug>` filled in, as a finding offers it. */
export const offer = (
  slug: PathSlug,
  title: string,
  reason: string,
  values: Readonly<Record<string, unknown>>,
): NonNullable<Finding["path"]> => ({ slug, title, reason, values: { ...values } });

/** "1 service". */
export const inServices = (intents: readonly unknown[]): string => count(intents.length, "service");
