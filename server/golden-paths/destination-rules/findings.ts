/** What keeps a service's DestinationRules, or somebody else's, from acting. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { type IntentSet, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { foreignRoutes, isForeign } from "../service-routes/foreign-routes.ts";
import { meansService } from "../service-routes/service-host.ts";
import { surroundingsOf } from "../surroundings.ts";
import { policyHostsOf } from "./hosts.ts";

/** `next`: the intents once the form is applied. */
export function destinationRuleFindings(service: ServiceRef, next: IntentSet, { inventory }: PathContext): Finding[] {
  const hosts = policyHostsOf({ service, intents: intentsOfService(next, service) }, surroundingsOf(next, inventory));
  const found: Finding[] = [];
  for (const { metadata, spec } of inventory.objects.destinationRules.filter(isForeign)) {
    const namespace = metadata.namespace ?? "";
    const host = (spec?.host ?? "").toLowerCase();
    const place = `DestinationRule ${namespace}/${metadata.name ?? ""}`;
    const say = (level: Finding["level"], message: string) =>
      found.push(finding(level, "destination-rule-ignored", "", message, { place }));
    const ours = hosts.filter((one) => meansService(host, namespace, one));
    if (ours.length === 0) {
      if (namespace === service.namespace && meansService(host, namespace, service)) {
        say("warning", `${place} is for ${service.name} as a whole, and calls go to its versions: it does nothing.`);
      }
    } else if (namespace !== service.namespace && namespace !== rootNamespace) {
      say("info", `${place} stands in a namespace of callers, where it does nothing at the waypoint.`);
    } else if (namespace === service.namespace && !host.startsWith("*")) {
      say(
        "error",
        `${place}, which Towpath did not write, says how ${listNames(ours.map(({ name }) => name))} is called: the older one holds alone, and what is set here would do nothing. Delete it first.`,
      );
    } else {
      say("warning", `${place} no longer acts on ${service.name}: a rule for the single host goes before it.`);
    }
  }
  return [...found, ...sentElsewhere(service, hosts, inventory)];
}

/** Somebody else's route sends calls past the service's own host. */
function sentElsewhere(
  service: ServiceRef,
  hosts: readonly ServiceRef[],
  inventory: PathContext["inventory"],
): Finding[] {
  const covered = new Set(hosts.map(({ namespace, name }) => `${namespace}/${name}`));
  return foreignRoutes(inventory, service).flatMap(({ place, backends }) => {
    const past = backends.filter((backend) => !covered.has(backend));
    if (past.length === 0) {
      return [];
    }
    const names = listNames(past.map((backend) => backend.split("/")[1] ?? backend));
    const message = `${place} sends calls for ${service.name} to ${names}: what is set here does nothing for those.`;
    return [finding("warning", "destination-rule-ignored", "", message, { place })];
  });
}
