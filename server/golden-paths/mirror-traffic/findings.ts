import type { MirrorTrafficForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService } from "@/server/inventory/model.ts";
import type { IntentSet } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { isForeign } from "../service-routes/foreign-routes.ts";
import { versionServiceName } from "../service-routes/service-host.ts";
import { serviceObject } from "../service-routes/service-object.ts";
import { refusesCopies } from "./copies-refused.ts";
import { tooFew } from "./too-few.ts";

/** `next`: the intents once the form is applied. */
export const mirrorFindings = (form: MirrorTrafficForm, next: IntentSet, context: PathContext): Finding[] => [
  ...targetFindings(form, context),
  ...writes(form, context),
  ...refusesCopies(form, next, context),
  ...tooFew(form.percent, "percent", form.service, context),
];

function targetFindings({ service, to }: MirrorTrafficForm, context: PathContext): Finding[] {
  return to.kind === "service" ? serviceTarget(service, to, context) : versionTarget(service, to.version, context);
}

function serviceTarget(
  service: MirrorTrafficForm["service"],
  { service: ref, port }: Extract<MirrorTrafficForm["to"], { kind: "service" }>,
  { inventory }: PathContext,
): Finding[] {
  const target = findService(inventory, ref);
  if (target === undefined || target.kind !== "service") {
    const message = `There is no service ${ref.name} in namespace ${ref.namespace}. Choose one from the list.`;
    return [finding("error", "backend-missing", "to.service", message)];
  }
  if (ref.namespace === service.namespace && ref.name === service.name) {
    const message = `The copies would go to ${service.name} itself: it would do everything twice. Choose another service, or a version.`;
    return [finding("error", "side-effects", "to.service", message)];
  }
  if (!target.ports.some((one) => one.port === port)) {
    const offered = target.ports.map((one) => String(one.port));
    const message = `${ref.name} has no port ${port}. It offers ${listNames(offered)}.`;
    const [first] = target.ports;
    const repair =
      first === undefined
        ? null
        : { title: `Use ${first.port}`, values: { to: { kind: "service", service: ref, port: first.port } } };
    return [finding("error", "backend-missing", "to.port", message, { repair })];
  }
  const message = `${ref.name} has no running pods: copies go nowhere until it has.`;
  return target.pods.length === 0 ? [finding("warning", "backend-without-pods", "to.service", message)] : [];
}

/** Longest name of a Service. */
const nameMax = 63;

function versionTarget(ref: MirrorTrafficForm["service"], version: string, { inventory }: PathContext): Finding[] {
  const service = findService(inventory, ref);
  const name = versionServiceName(ref, version);
  const field = "to.version";
  if (name.length > nameMax) {
    const message = `The Service for this version would be named ${name}, and a name has at most ${nameMax} characters.`;
    return [finding("error", "out-of-range", field, message)];
  }
  const existing = serviceObject(inventory, { namespace: ref.namespace, name });
  if (existing !== undefined && isForeign(existing)) {
    const place = `Service ${ref.namespace}/${name}`;
    const message = `${place} exists already, and Towpath did not write it. Send the copies to that service instead.`;
    const port = existing.spec?.ports?.[0]?.port;
    const values = { to: { kind: "service", service: { namespace: ref.namespace, name }, port } };
    const repair = port === undefined ? null : { title: `Copy to ${name}`, values };
    return [finding("error", "host-taken", field, message, { place, repair })];
  }
  if (service === undefined || service.pods.some((pod) => pod.version === version)) {
    return [];
  }
  const versions = [...new Set(service.pods.map((pod) => pod.version))].sort();
  const [first] = versions;
  const known = first === undefined ? "" : ` It runs ${listNames(versions)}.`;
  const message = `No pod of ${ref.name} runs version ${version}: copies go nowhere.${known}`;
  const repair =
    first === undefined ? null : { title: `Use ${first}`, values: { to: { kind: "version", version: first } } };
  return [finding("warning", "backend-without-pods", field, message, { repair })];
}

/** Copies are sent for real: what a call changes is changed over there, too. */
function writes({ service, to }: MirrorTrafficForm, { traffic }: PathContext): Finding[] {
  const harmless = new Set<string>(["GET", "HEAD", "OPTIONS"]);
  const seen = traffic.paths(service).filter(({ method }) => !harmless.has(method));
  const where = to.kind === "service" ? to.service.name : `version ${to.version}`;
  if (seen.length === 0) {
    const message = `Copies are sent for real: what a call to ${service.name} changes, ${where} changes too. It must not share a database with it.`;
    return [finding("info", "side-effects", "to", message)];
  }
  const names = listNames([...new Set(seen.map(({ method, path }) => `${method} ${path}`))], 3);
  const message = `${names} will be copied too: ${where} does for real what they ask for. It must not share a database, a queue or a payment with ${service.name}.`;
  return [finding("warning", "side-effects", "to", message)];
}
