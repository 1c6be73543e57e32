/** What is not covered yet, the most urgent first. Pure. */
import type { Overview } from "@/server/contracts/overview.ts";
import type { ServiceSummary } from "@/server/contracts/services.ts";
import { count } from "@/server/golden-paths/path.ts";

type Gap = Overview["gaps"][number];

const urgency: readonly Gap["kind"][] = [
  "not-ready",
  "waypoint-refused",
  "layer7-unenforced",
  "waypoint-open",
  "plain-text-callers",
  "not-enrolled",
  "no-authorization",
  "mtls-not-required",
];
/** What a whole namespace has or lacks. */
const ofNamespace: ReadonlySet<Gap["kind"]> = new Set(["not-enrolled", "no-authorization", "mtls-not-required"]);
const gapsMax = 12;

export function gapsOf(services: readonly ServiceSummary[]): Gap[] {
  const gaps = services.flatMap(gapsOfService);
  // A namespace is enrolled, locked and made strict as a whole: say it once.
  const seen = new Set<string>();
  return gaps
    .filter(({ kind, namespace, service }) => {
      const key = ofNamespace.has(kind) ? `${kind} ${namespace}` : `${kind} ${namespace}/${service}`;
      return !seen.has(key) && seen.add(key);
    })
    .toSorted((one, other) => urgency.indexOf(one.kind) - urgency.indexOf(other.kind))
    .slice(0, gapsMax);
}

function gapsOfService(service: ServiceSummary): Gap[] {
  const { namespace, name } = service;
  const found: Gap[] = [];
  const add = (kind: Gap["kind"], text: string, path: Gap["path"]): void => {
    found.push({ kind, text, namespace, service: name, path });
  };
  const missing = service.pods - service.readyPods;
  if (missing > 0) {
    add("not-ready", `${name}: ${count(missing, "pod")} not ready`, null);
  }
  if (service.kind !== "service") {
    return found;
  }
  const scoped = { scope: "namespaces", namespaces: [namespace] };
  const { captured, pods } = service.enrolment;
  if (captured < pods) {
    add("not-enrolled", `${namespace} is not in the mesh: ${captured} of ${pods} pods of ${name}`, {
      slug: "join-the-mesh",
      title: `Enrol ${namespace}`,
      reason: "",
      values: { namespaces: [namespace], enrolled: true },
    });
    return found;
  }
  const { waypoint } = service;
  if (waypoint?.way === "refused") {
    add("waypoint-refused", `${name} asks for a waypoint and has none: ${waypoint.text}`, null);
  } else if (waypoint !== null && waypoint.pods > 0 && waypoint.readyPods === 0) {
    add("waypoint-refused", `${name}: no pod of waypoint ${waypoint.waypoint} is ready, so calls fail`, null);
  }
  if (service.layer7Unenforced) {
    add("layer7-unenforced", `${name}: a rule names methods, paths or headers, and no waypoint judges it`, null);
  }
  if (waypoint?.way === "open" && service.authorized) {
    add("waypoint-open", `${name} can be called past waypoint ${waypoint.waypoint}`, null);
  }
  if (service.mtlsShare !== null && service.mtlsShare < 1) {
    const share = Math.max(1, Math.round((1 - service.mtlsShare) * 100));
    add("plain-text-callers", `${share} % of calls to ${name} are plain text`, null);
  }
  if (!service.authorized && service.callers > 0) {
    add("no-authorization", `${name}: no rule says who may call`, {
      slug: "lock-down",
      title: `Lock down ${namespace}`,
      reason: "",
      values: { ...scoped, locked: true, keepGatewaysOpen: true },
    });
  }
  if (!service.mtlsRequired && pods > 0) {
    add("mtls-not-required", `${namespace} still takes plain text`, {
      slug: "require-mtls",
      title: `Require mutual TLS in ${namespace}`,
      reason: "",
      values: { ...scoped, required: true },
    });
  }
  return found;
}
