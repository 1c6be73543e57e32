import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { GiveAWaypointForm } from "@/server/contracts/golden-paths/scoped.ts";
import { effectProbes } from "../access/effect-probes.ts";
import { type Intent, intentKey, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { ofNamespaces, placeOf } from "../scope.ts";
import { givenFindings, takenFindings } from "./findings.ts";

const namesOf = (form: GiveAWaypointForm): string[] => [...new Set(form.namespaces)].sort();
const placeFor = (form: GiveAWaypointForm): string => placeOf({ scope: "namespaces", namespaces: form.namespaces });

export const giveAWaypoint: GoldenPath<"give-a-waypoint"> = {
  slug: "give-a-waypoint",
  ...pathHeads["give-a-waypoint"],
  summary: "Lead calls through a proxy that reads requests: for rules by path, retries, limits and sign-in.",
  keywords: ["waypoint", "gateway", "layer 7", "l7", "http", "use-waypoint", "proxy", "hbone"],

  plan(form, { current }) {
    const namespaces = namesOf(form);
    return {
      namespaces,
      services: [],
      changes: namespaces.map((namespace) => {
        const intent: Intent = { slug: "give-a-waypoint", namespace, replicas: form.replicas };
        const key = intentKey(intent);
        return { key, before: current.get(key), after: form.given ? intent : undefined, subject: intent };
      }),
    };
  },

  explain(form, { inventory }) {
    const services = inventory.services.filter(
      ({ namespace, kind }) => kind === "service" && form.namespaces.includes(namespace),
    );
    const what = `${count(services.length, "service")} of ${placeFor(form)}`;
    return form.given
      ? `Leads all calls to ${what} through a waypoint with ${count(form.replicas, "pod")}${namesOf(form).length > 1 ? " each" : ""}, where requests are read. No workload is restarted; the waypoint takes over once it is ready.`
      : `Takes the waypoint away: calls to ${what} go straight to the pods again, and nothing reads requests there.`;
  },

  changeTitle: (form) =>
    form.given
      ? `Give ${listNames(namesOf(form))} a waypoint`
      : `Take the waypoint of ${listNames(namesOf(form))} away`,

  button: (form) => (form.given ? "Give a waypoint" : "Take the waypoint away"),

  confirmWord: () => "",

  inUse: ({ inventory, current }) => {
    const given = new Set(intentsOf(current, "give-a-waypoint").map(({ namespace }) => namespace));
    return ofNamespaces(inventory, (name) => given.has(name));
  },

  // That callers still get in, through it; what is said at it is proven by the paths that say it.
  probes: (form, context) =>
    effectProbes(giveAWaypoint.plan(form, context).changes, (name) => form.namespaces.includes(name), context),

  refill: (of) =>
    of.slug === "give-a-waypoint"
      ? {
          values: { namespaces: [of.namespace], replicas: of.replicas, given: true },
          summary: `a waypoint with ${count(of.replicas, "pod")}`,
        }
      : undefined,

  findings: (form, context) => (form.given ? givenFindings(form, context) : takenFindings(form, context)),
};
