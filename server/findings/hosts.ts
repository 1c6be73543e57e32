/** Hosts as rules write them, and who serves them. Pure. */
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { type Located, nameOf, namespaceOf, serviceObject } from "./check.ts";

const suffix = ".svc.cluster.local";

/** A name without dots is a Service of the rule's namespace; everything else is taken as it is, `name.namespace` too. */
const fullHost = (host: string, namespace: string): string => {
  const lower = host.toLowerCase();
  return lower === "" || lower.includes(".") || lower.startsWith("*") ? lower : `${lower}.${namespace}${suffix}`;
};

/** The Service that a host in full names, with or without selector; undefined when it names none. */
function refOf(full: string): { readonly namespace: string; readonly name: string } | undefined {
  const [name = "", namespace = "", ...rest] = full.endsWith(suffix) ? full.slice(0, -suffix.length).split(".") : [];
  return name === "" || namespace === "" || rest.length > 0 ? undefined : { namespace, name };
}

/** The service of a host as a rule of the namespace writes it; undefined for hosts outside and Services without selector. */
export function serviceOfHost({ services }: Inventory, host: string, namespace: string): InventoryService | undefined {
  const ref = refOf(fullHost(host, namespace));
  return services.find((service) => service.name === ref?.name && service.namespace === ref.namespace);
}

/** The ports of whoever serves a host: a Service or a ServiceEntry; undefined when nobody does. */
export function portsOfHost(inventory: Inventory, host: string, namespace: string): readonly number[] | undefined {
  const full = fullHost(host, namespace);
  const ref = refOf(full);
  const service = ref === undefined ? undefined : serviceObject(inventory, ref);
  if (service !== undefined) {
    return (service.spec?.ports ?? []).map(({ port }) => port);
  }
  const entries = inventory.objects.serviceEntries.filter(({ spec }) =>
    (spec?.hosts ?? []).some((listed) => covers(listed.toLowerCase(), full)),
  );
  return entries.length === 0
    ? undefined
    : entries.flatMap(({ spec }) => (spec?.ports ?? []).map(({ number }) => number));
}

const covers = (listed: string, host: string): boolean =>
  listed === host || (listed.startsWith("*") && host.length >= listed.length && host.endsWith(listed.slice(1)));

/** What to do about a host that nobody serves: write it in full where it is a short name, else correct it. */
export function unservedAdvice({ services }: Inventory["objects"], host: string): string {
  const [name = "", namespace = "", ...rest] = host.toLowerCase().split(".");
  const short = rest.length === 0 || (rest.length === 1 && rest[0] === "svc");
  const meant =
    short && services.some((one: Located) => nameOf(one) === name && namespaceOf(one) === namespace) ? name : "";
  return meant === ""
    ? "Correct the name, or take the rule away."
    : `Short names with a namespace are not understood: write ${name}.${namespace}${suffix}.`;
}
