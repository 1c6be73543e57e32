/** Whether versions are there, can be told apart, and are the service's own. Pure. */
import type { ReleaseAVersionForm } from "@/server/contracts/golden-paths/release.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { intentsOf } from "../intent.ts";
import { count, finding, listNames, type PathContext } from "../path.ts";
import { isForeign } from "../service-routes/foreign-routes.ts";
import { versionServiceName } from "../service-routes/service-host.ts";
import { serviceObject } from "../service-routes/service-object.ts";
import { versionLabelOf, versionLabels } from "../service-routes/version-label.ts";

type Form = ReleaseAVersionForm;
type Field = "stable" | "canary";

/** Longest name of a Service. */
const nameMax = 63;

export function versionFindings(form: Form, context: PathContext): Finding[] {
  const { service: ref, stable, canary } = form;
  if (canary === stable) {
    const message = `${stable} cannot be released beside itself. Choose another version.`;
    return [finding("error", "rule-without-effect", "canary", message)];
  }
  const service = findService(context.inventory, ref);
  if (service === undefined || service.kind !== "service") {
    return [];
  }
  if (Object.keys(service.selector).length === 0) {
    const message = `${ref.name} does not say which pods are its own, so those of one version cannot be told from pods of others. Give it a selector.`;
    return [finding("error", "rule-without-effect", "service", message, { place: placeOf(ref.namespace, ref.name) })];
  }
  return [
    ...ofVersion("stable", stable, form, service, context),
    ...(canary === null ? [] : ofVersion("canary", canary, form, service, context)),
  ];
}

const placeOf = (namespace: string, name: string): string => `Service ${namespace}/${name}`;

function ofVersion(
  field: Field,
  version: string,
  form: Form,
  service: InventoryService,
  context: PathContext,
): Finding[] {
  const name = versionServiceName(service, version);
  if (name.length > nameMax) {
    const message = `The Service for this version would be named ${name}, and a name has at most ${nameMax} characters.`;
    return [finding("error", "out-of-range", field, message)];
  }
  const existing = serviceObject(context.inventory, { namespace: service.namespace, name });
  if (existing !== undefined && isForeign(existing)) {
    const place = placeOf(service.namespace, name);
    const message = `${place} exists already, and Towpath did not write it. Versions need Services of these names: rename or remove it first.`;
    return [finding("error", "host-taken", field, message, { place })];
  }
  return [...selected(field, version, service), ...running(field, version, form, service, context)];
}

/** Its pods are those of the service with one label more. */
function selected(field: Field, version: string, service: InventoryService): Finding[] {
  const label = versionLabelOf(service, version);
  const place = placeOf(service.namespace, service.name);
  const held = versionLabels.find((one) => service.selector[one] !== undefined && service.selector[one] !== version);
  if (held !== undefined) {
    const message = `${service.name} selects pods of ${service.selector[held]} alone (${held}): those of ${version} are none of its own, and its rules would not cover them. Remove this label from its selector.`;
    return [finding("error", "rule-without-effect", field, message, { place })];
  }
  const own = service.pods.filter((pod) => pod.version === version);
  const told = own.filter((pod) => pod.labels[label] === version);
  if (own.length > told.length) {
    const message = `${count(own.length - told.length, "pod")} of ${version} ${own.length - told.length === 1 ? "does" : "do"} not say so by the label ${label}, and would get no calls of this version. Label them ${label}: ${version}.`;
    return [finding(told.length === 0 ? "error" : "warning", "backend-without-pods", field, message, { place })];
  }
  return [];
}

function running(
  field: Field,
  version: string,
  form: Form,
  service: InventoryService,
  { current }: PathContext,
): Finding[] {
  const { weight, match, canary, mirror } = form;
  const own = service.pods.filter((pod) => pod.version === version);
  const share = field === "canary" ? weight : canary === null ? 100 : 100 - weight;
  if (own.length === 0) {
    const versions = [...new Set(service.pods.map((pod) => pod.version))].sort();
    const known = versions.length === 0 ? "" : ` It runs ${listNames(versions)}.`;
    const before = intentsOf(current, "release-a-version").find(
      (one) => one.service.namespace === service.namespace && one.service.name === service.name,
    );
    const had = before?.canary === version ? before.weight : before?.stable === version ? 100 - before.weight : 0;
    const fails = share > 0 ? `${share} % of the calls would fail` : "calls that lead there would fail";
    const message = `No pod of ${service.name} runs version ${version}: ${fails}.${known}`;
    const needed = share > 0 || (field === "canary" && match.length + mirror > 0);
    // Going back must be possible whatever runs.
    const begins = share > had && (field === "canary" || before === undefined);
    const level = begins ? "error" : needed ? "warning" : "info";
    return [finding(level, "backend-without-pods", field, message)];
  }
  const outside = own.filter(({ captured }) => !captured);
  if (outside.length === 0) {
    return [];
  }
  const message = `${count(outside.length, "pod")} of ${version} ${outside.length === 1 ? "is" : "are"} not in the mesh: calls get there unprotected, or not at all where the mesh is required.`;
  const path = {
    slug: "join-the-mesh" as const,
    title: `Enrol ${service.namespace}`,
    reason: "Versions are compared inside the mesh",
    values: { namespaces: [service.namespace], enrolled: true },
  };
  return [finding("warning", "service-not-enrolled", field, message, { path })];
}
