/** What validation says about allowing a destination outside. Pure. */
import type { AllowADestinationForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { identitiesOf } from "@/server/inventory/model.ts";
import { intentsOf } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { findNamespace, namespaceFindings } from "../scope.ts";
import { egressGateway, egressName, isForeign, isWaypoint } from "./egress-waypoint.ts";
import { holdsToListed, othersAreOpen } from "./outbound-mode.ts";
import { privatePlace } from "./private-address.ts";

/** Of allowing one. */
export function allowedFindings(form: AllowADestinationForm, context: PathContext): Finding[] {
  return [
    ...placeFindings(form, context),
    ...hostFindings(form, context),
    ...portFindings(form),
    ...addressFindings(form),
    ...callerFindings(form, context),
    ...othersFindings(context),
  ];
}

/** Of taking one back. */
export function withdrawnFindings(form: AllowADestinationForm, { inventory, current }: PathContext): Finding[] {
  if (!othersAreOpen(inventory) || !current.has(`allow-a-destination/${form.namespace}/${form.host}`)) {
    return [];
  }
  const message = `Destinations that nobody lists are open in this mesh: once the rule is gone, everybody may call ${form.host}.`;
  return [finding("warning", "anyone-may-call", "", message)];
}

/** Where the destination is kept, and the waypoint there. */
function placeFindings({ namespace }: AllowADestinationForm, { inventory, current }: PathContext): Finding[] {
  const found = namespaceFindings({ scope: "namespaces", namespaces: [namespace] }, inventory).map((one) => ({
    ...one,
    field: "namespace",
  }));
  const gateway = egressGateway(inventory, namespace);
  const place = `Gateway ${namespace}/${egressName}`;
  if (gateway === undefined) {
    const kept = intentsOf(current, "allow-a-destination").some((one) => one.namespace === namespace);
    const message = `${namespace} has no way out of its own yet. It comes with this change: calls to the destination go through it.`;
    return found.length > 0 || kept
      ? found
      : [finding("info", "waypoint-missing", "namespace", message, { place: `Namespace ${namespace}` })];
  }
  if (isForeign(gateway) && !isWaypoint(gateway)) {
    const message = `${namespace} has a gateway named ${egressName} that is for something else. Choose another namespace.`;
    return [...found, finding("error", "waypoint-missing", "namespace", message, { place })];
  }
  if (!gateway.programmed) {
    const message = `The way out of ${namespace} is not ready: ${gateway.text}. Until it is, calls to the destination are refused or go past it.`;
    return [...found, finding("warning", "waypoint-not-ready", "namespace", message, { place })];
  }
  return found;
}

function hostFindings({ namespace, host }: AllowADestinationForm, { inventory, current }: PathContext): Finding[] {
  // `service.namespace`, as callers in the mesh write it: an entry of that name would come between them.
  const [, of = "", ...more] = host.split(".");
  if (/(^|\.)svc(\.cluster\.local)?$/.test(host) || (more.length === 0 && findNamespace(inventory, of) !== undefined)) {
    const message = `${host} is a name inside the mesh. Let its callers in with “Let a service call mine”.`;
    return [finding("error", "host-unknown", "host", message)];
  }
  const elsewhere = intentsOf(current, "allow-a-destination").filter(
    (one) => one.host === host && one.namespace !== namespace,
  );
  const byHand = inventory.objects.serviceEntries.filter(
    ({ metadata, spec }) =>
      (spec.hosts ?? []).includes(host) && !(metadata?.namespace === namespace && metadata.name === host),
  );
  return byHand.map(({ metadata }) => {
    const { namespace: at = "", name = "" } = metadata ?? {};
    const ours = elsewhere.some((one) => one.namespace === at);
    const message = `${host} is listed in ${at} already${ours ? "" : ", by hand"}. Callers there keep that entry, others the older one of both: rules of two entries do not add up.`;
    return finding("warning", "host-taken", "host", message, { place: `ServiceEntry ${at}/${name}` });
  });
}

/** Ports whose protocol everybody knows. */
const usual: Readonly<Record<number, "HTTP" | "TLS">> = { 80: "HTTP", 8080: "HTTP", 443: "TLS", 8443: "TLS" };

function portFindings({ ports }: AllowADestinationForm): Finding[] {
  return ports.flatMap(({ port, protocol }, index) => {
    if (ports.findIndex((one) => one.port === port) !== index) {
      return [finding("error", "unknown-port", `ports.${index}`, `Port ${port} is there twice. Leave one.`)];
    }
    const expected = usual[port];
    if (expected === undefined || expected === protocol || protocol === "TCP") {
      return [];
    }
    const message =
      protocol === "HTTP"
        ? `Port ${port} usually speaks TLS. As HTTP the way out would try to read encrypted calls, and refuse them.`
        : `Port ${port} usually speaks plain HTTP. As TLS nothing is read: rules by path and method could not be added.`;
    const values = { ports: ports.map((one, at) => (at === index ? { port, protocol: expected } : one)) };
    return [
      finding("warning", "value-never-matches", `ports.${index}`, message, {
        repair: { title: `Use ${expected}`, values },
      }),
    ];
  });
}

const addressFindings = ({ addresses }: AllowADestinationForm): Finding[] =>
  addresses.flatMap((address, index) => {
    const place = privatePlace(address);
    if (place === "the link") {
      // Instance metadata lives there: credentials of the machine itself (RFC 3927, RFC 4291 §2.5.6).
      const refused = `${address} is an address of this machine's own link, where cloud machines keep their credentials. It cannot be a destination.`;
      return [finding("error", "address-private", `addresses.${index}`, refused)];
    }
    const message = `${address} is an address of ${place}, not outside. Calls are sent there because it is named here; make sure that it is meant.`;
    return place === undefined ? [] : [finding("warning", "address-private", `addresses.${index}`, message)];
  });

function callerFindings({ callers }: AllowADestinationForm, { inventory }: PathContext): Finding[] {
  const identities = identitiesOf(inventory);
  return callers.flatMap(({ namespace, serviceAccount }, index) => {
    const field = `callers.${index}`;
    const running = identities.find((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
    if (running !== undefined) {
      const message = `${serviceAccount} is not in the mesh: its calls prove no identity, and go out past every rule.`;
      const path = {
        slug: "join-the-mesh" as const,
        title: `Enrol ${namespace}`,
        reason: "Rules hold for callers in the mesh",
        values: { namespaces: [namespace], enrolled: true },
      };
      return running.enrolled ? [] : [finding("warning", "caller-not-enrolled", field, message, { path })];
    }
    const exists = inventory.serviceAccounts.some((one) => one.namespace === namespace && one.name === serviceAccount);
    return exists
      ? [finding("info", "no-pods", field, `No pod runs as ${namespace}/${serviceAccount} now.`)]
      : [
          finding(
            "error",
            "unknown-caller",
            field,
            `There is no identity ${serviceAccount} in namespace ${namespace}. Choose a caller from the list.`,
          ),
        ];
  });
}

/** Listing one destination closes no other. */
function othersFindings({ inventory }: PathContext): Finding[] {
  if (!othersAreOpen(inventory)) {
    return [];
  }
  const open =
    "Every other destination outside stays open to everybody, and so do this one's addresses when they are called without its name.";
  if (!holdsToListed(inventory)) {
    const message = `${open} On this cluster the mesh cannot close them: a platform engineer can, by a NetworkPolicy that lets pods out to the mesh and its way out alone.`;
    return [finding("warning", "other-destinations-open", "", message)];
  }
  const message = `${open} A platform engineer closes what is not listed, for the whole mesh: outboundTrafficPolicy.mode REGISTRY_ONLY in the mesh's configuration.`;
  return [finding("warning", "other-destinations-open", "", message, { place: "ConfigMap istio-system/istio" })];
}

/** "api.example.com on ports 80 and 443". */
export const destinationText = ({ host, ports }: Pick<AllowADestinationForm, "host" | "ports">): string =>
  `${host} on port${ports.length === 1 ? "" : "s"} ${listNames(ports.map(({ port }) => String(port)))}`;
