import type { AllowADestinationForm } from "@/server/contracts/golden-paths/edges.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { identitiesOf } from "@/server/inventory/model.ts";
import { type Intent, intentKey, intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames, type PathContext } from "../path.ts";
import type { Probe, ProbeSource } from "../probe.ts";
import { allowedFindings, destinationText, withdrawnFindings } from "./findings.ts";
import { othersAreOpen } from "./outbound-mode.ts";

const callersText = ({ callers }: AllowADestinationForm): string =>
  listNames([...new Set(callers.map(({ serviceAccount }) => serviceAccount))]);

export const allowADestination: GoldenPath<"allow-a-destination"> = {
  slug: "allow-a-destination",
  ...pathHeads["allow-a-destination"],
  summary: "Say who may call a host outside the mesh. Calls leave through one place that knows the caller.",
  keywords: [
    "egress",
    "external",
    "internet",
    "outbound",
    "serviceentry",
    "third party",
    "api",
    "registry_only",
    "saas",
  ],

  plan(form, { current }) {
    const { namespace, host, addresses, callers } = form;
    const ports = form.ports.toSorted((one, other) => one.port - other.port);
    const intent: Intent = { slug: "allow-a-destination", namespace, host, ports, addresses, callers };
    const key = intentKey(intent);
    const after = form.allowed ? intent : undefined;
    return {
      // A host is listed once for the whole mesh: who is not named is refused there, and fixed addresses move it for all.
      namespaces: [namespace, rootNamespace],
      services: [],
      changes: [{ key, before: current.get(key), after, subject: intent }],
    };
  },

  explain(form, { inventory }) {
    if (!form.allowed) {
      const after = othersAreOpen(inventory) ? "everybody may call it again" : "nobody may call it any more";
      return `Takes the rule for ${form.host} away: ${after}.`;
    }
    const others = othersAreOpen(inventory) ? "Destinations that are not listed stay open." : "";
    return `Lets ${callersText(form)} call ${destinationText(form)}, through the way out of ${form.namespace}; everybody else in the mesh is refused there. ${others}`.trim();
  },

  changeTitle: (form) =>
    form.allowed ? `Let ${callersText(form)} call ${form.host}` : `Take the rule for ${form.host} away`,

  button: (form) => allowADestination.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) => count(intentsOf(current, "allow-a-destination").length, "destination"),

  probes: (form, context) => (form.allowed ? refusedProbe(form, context) : []),

  refill(of) {
    if (of.slug !== "allow-a-destination") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    return {
      values: { ...values, allowed: true },
      summary: `${count(of.callers.length, "caller")} may call ${destinationText(of)}`,
    };
  },

  findings: (form, context) => (form.allowed ? allowedFindings(form, context) : withdrawnFindings(form, context)),
};

/** A caller that is not named is refused before anything leaves; what is allowed would reach somebody else's server. */
function refusedProbe(form: AllowADestinationForm, { inventory }: PathContext): Probe[] {
  const http = form.ports.find(({ protocol }) => protocol === "HTTP");
  const named = new Set(form.callers.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`));
  const stranger = identitiesOf(inventory).find(
    ({ namespace, serviceAccount, enrolled, gateway }) =>
      enrolled && !gateway && !named.has(`${namespace}/${serviceAccount}`),
  );
  const pod = inventory.pods.find(
    ({ namespace, serviceAccount }) => namespace === stranger?.namespace && serviceAccount === stranger.serviceAccount,
  );
  if (http === undefined || pod === undefined) {
    return [];
  }
  const source: ProbeSource = { kind: "workload", namespace: pod.namespace, workload: pod.workload };
  const url = `http://${form.host}${http.port === 80 ? "" : `:${http.port}`}/`;
  const sentence = `as ${pod.serviceAccount}: HEAD ${url} is refused`;
  return [{ source, method: "HEAD", url, headers: [], expect: { kind: "refused" }, sentence }];
}
