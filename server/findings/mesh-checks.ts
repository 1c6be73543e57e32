/** Mutual TLS, the mesh's configuration, and how calls are spread. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { selects } from "@/mesh-runtime/policy/resource.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { at, type Check, idOf, nameOf, namespaceOf } from "./check.ts";
import { configMapOf, meshConfigOf } from "./mesh-config.ts";

const located = (object: { readonly metadata: unknown }): Pick<KubeObject, "metadata"> =>
  object as Pick<KubeObject, "metadata">;

/** A real Istio names a policy for such a port and never sends it: the port takes plain text. */
export const strictPorts: Check = ({ inventory }) =>
  inventory.peerAuthentications.flatMap((rule) => {
    const strict = Object.entries(rule.spec?.portLevelMtls ?? {}).filter(([, { mode }]) => mode === "STRICT");
    const services = inventory.services
      .filter(({ pods }) =>
        pods.some((pod) => pod.namespace === rule.metadata.namespace && selects(rule.spec?.selector, pod.labels)),
      )
      .map(idOf);
    return rule.spec?.mtls?.mode === "PERMISSIVE" && strict.length > 0
      ? [
          at(
            "PeerAuthentication",
            located(rule),
            "port-exception-broken",
            `It takes plain text but on port ${strict.map(([port]) => port).join(", ")}. Istio loses that exception where the mesh is strict, and the port takes plain text too. Write it the other way round: strict, with the ports that take plain text.`,
            { services },
          ),
        ]
      : [];
  });

/** DISABLE is not "ignored": it takes the mesh's strictness away. */
export const disabledTls: Check = ({ inventory }) =>
  inventory.peerAuthentications.flatMap((rule) => {
    const namespace = rule.metadata.namespace ?? "default";
    return rule.spec?.mtls?.mode === "DISABLE"
      ? [
          at(
            "PeerAuthentication",
            located(rule),
            "plain-text-callers",
            "It switches mutual TLS off, and with it what the whole mesh requires: callers come in plain text and prove nothing.",
            {
              path: {
                slug: "require-mtls",
                title:
                  namespace === rootNamespace ? "Require mutual TLS everywhere" : `Require mutual TLS in ${namespace}`,
                reason: "Plain text is refused",
                values:
                  namespace === rootNamespace
                    ? { scope: "mesh", required: true }
                    : { scope: "namespaces", namespaces: [namespace], required: true },
              },
            },
          ),
        ]
      : [];
  });

/** Ambient on Kubernetes lets unknown destinations pass, whatever the mode. */
export const registryOnly: Check = ({ inventory, target }) => {
  const config = configMapOf(inventory);
  return target === "kubernetes" && config !== undefined && meshConfigOf(inventory).outboundMode === "REGISTRY_ONLY"
    ? [
        at(
          "ConfigMap",
          config,
          "other-destinations-open",
          "It allows only destinations that are listed, which ambient does not enforce: every other destination can be called too. Add a NetworkPolicy that lets pods out to the mesh and the egress waypoint only.",
        ),
      ]
    : [];
};

const spread = "networking.istio.io/traffic-distribution";
const spreads: ReadonlySet<string> = new Set(["PreferClose", "PreferSameZone", "PreferSameNode", "Any"]);

/** Other values are ignored with a log line only. */
export const trafficDistribution: Check = ({ inventory }) =>
  inventory.objects.services.flatMap((service) => {
    const value = service.metadata?.annotations?.[spread];
    return value === undefined || spreads.has(value)
      ? []
      : [
          at(
            "Service",
            service,
            "value-never-matches",
            `Its annotation ${spread} says ${value}, which nobody knows: calls are spread as if it were not there. Write PreferSameZone, PreferSameNode or PreferClose.`,
            {
              services: [`${namespaceOf(service)}/${nameOf(service)}`],
              path: {
                slug: "prefer-the-zone",
                title: `Prefer pods nearby for ${nameOf(service)}`,
                reason: "Opens the form filled in",
                values: {
                  service: { namespace: namespaceOf(service), name: nameOf(service) },
                  near: "zone",
                  enabled: true,
                },
              },
            },
          ),
        ];
  });
