/** The service by which the list is narrowed, as it stands in the address. Pure. */
import { type ServiceRef, serviceRef } from "@/server/contracts/names.ts";
import type { RolloutSummary } from "@/server/contracts/rollouts.ts";

/** `<namespace>/<name>` as a service; null when there is none or it was mangled. */
export function servicesOf(text: string | null): ServiceRef | null {
  const [namespace, name, ...rest] = (text ?? "").split("/");
  const parsed = serviceRef.safeParse({ namespace, name });
  return parsed.success && rest.length === 0 ? parsed.data : null;
}

/** Services that the list knows, by name; the chosen one among them, even when nothing of it is left. */
export function usedServices(rollouts: readonly RolloutSummary[], chosen: ServiceRef | null): readonly ServiceRef[] {
  const all = [...rollouts.map(({ service }) => service), ...(chosen ? [chosen] : [])];
  return [...new Map(all.map((service) => [`${service.namespace}/${service.name}`, service])).values()].sort(
    (one, other) => one.name.localeCompare(other.name) || one.namespace.localeCompare(other.namespace),
  );
}
