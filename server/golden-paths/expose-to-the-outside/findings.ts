/** What validation says about exposing a service. Pure. */
import { findCondition } from "@/mesh-runtime/api/conditions.ts";
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import { findService, type Inventory, type InventoryGateway } from "@/server/inventory/model.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { hostFindings } from "./host-findings.ts";
import { gatewayObject } from "./listeners.ts";
import { lockFindings } from "./lock-findings.ts";

type Form = ExposeToTheOutsideForm;

export const exposedFindings = (form: Form, context: PathContext): Finding[] => [
  ...serviceFindings(form, context.inventory),
  ...servedFindings(form, context),
];

/** What the gateway, its listeners and whoever else serves the host say. */
export function servedFindings(form: Form, context: PathContext): Finding[] {
  const { inventory } = context;
  const gateway = inventory.gateways.find(
    ({ namespace, name, className }) =>
      namespace === form.gateway.namespace && name === form.gateway.name && className !== waypointClass,
  );
  return gateway === undefined
    ? [unknownGateway(form, inventory)]
    : [
        ...readyFindings(gateway),
        ...certificateFindings(form, inventory),
        ...hostFindings(form, context),
        ...lockFindings(form, context),
      ];
}

function serviceFindings({ service: ref, port }: Form, inventory: Inventory): Finding[] {
  const service = findService(inventory, ref);
  if (service === undefined) {
    const message = `There is no service ${ref.name} in namespace ${ref.namespace}. Choose one from the list.`;
    return [finding("error", "unknown-service", "service", message)];
  }
  const known = service.ports.find((one) => one.port === port);
  const found: Finding[] = [];
  if (known === undefined) {
    const offered = listNames(service.ports.map((one) => String(one.port)));
    const [only] = service.ports;
    const repair = only === undefined ? null : { title: `Use ${only.port}`, values: { port: only.port } };
    const message = `${service.name} has no port ${port}. It offers ${offered}.`;
    found.push(finding("error", "unknown-port", "port", message, { repair }));
  }
  if (service.pods.length === 0) {
    const message = `${service.name} has no running pods: callers get an error until there are some.`;
    found.push(finding("warning", "no-pods", "service", message));
  }
  return found;
}

function unknownGateway({ gateway }: Form, { gateways }: Inventory): Finding {
  const offered = gateways.filter(({ className }) => className !== waypointClass);
  const known = offered.map(({ namespace, name }) => `${namespace}/${name}`);
  const [only] = offered;
  const repair =
    only === undefined
      ? null
      : { title: `Use ${only.name}`, values: { gateway: { namespace: only.namespace, name: only.name } } };
  const offer = known.length === 0 ? "Ask a platform engineer for one." : `There is ${listNames(known)}.`;
  const message = `There is no gateway ${gateway.name} in namespace ${gateway.namespace}. ${offer}`;
  return finding("error", "gateway-not-ready", "gateway", message, { repair });
}

function readyFindings({ namespace, name, programmed, text }: InventoryGateway): Finding[] {
  const message = `The gateway ${name} is not ready: ${text}. Callers reach the service once it is.`;
  const place = `Gateway ${namespace}/${name}`;
  return programmed ? [] : [finding("warning", "gateway-not-ready", "gateway", message, { place })];
}

/** The portal reads no secrets: what is known of a certificate is what the gateway's listeners say of it. */
function certificateFindings(form: Form, inventory: Inventory): Finding[] {
  const { certificate, gateway } = form;
  if (certificate === null) {
    return [];
  }
  const { spec, status } = gatewayObject(inventory, gateway) ?? {};
  const using = (spec?.listeners ?? []).filter(({ tls }) =>
    (tls?.certificateRefs ?? []).some(
      ({ name, namespace }) => name === certificate && (namespace ?? gateway.namespace) === gateway.namespace,
    ),
  );
  const place = `Secret ${gateway.namespace}/${certificate}`;
  for (const { name } of using) {
    const conditions = status?.listeners?.find((one) => one.name === name)?.conditions;
    const resolved = findCondition(conditions, "ResolvedRefs");
    if (resolved?.status === "False") {
      const message = `The gateway cannot use the certificate ${certificate}: ${resolved.message ?? "it is not there"}.`;
      return [finding("error", "certificate-missing", "certificate", message, { place })];
    }
  }
  if (using.some(({ hostname }) => hostname === form.host)) {
    return [];
  }
  const message =
    using.length === 0
      ? `Nothing uses the certificate ${certificate} yet. It must be a TLS secret in ${gateway.namespace} that is made out to ${form.host}; if it is not there, the gateway refuses HTTPS for this host.`
      : `The certificate ${certificate} is used for ${listNames(using.map(({ hostname }) => hostname ?? "any host"))}. Make sure that it is made out to ${form.host} too.`;
  return [finding("warning", "certificate-missing", "certificate", message, { place })];
}
