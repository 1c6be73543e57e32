/** Listeners at which hosts are served: ours, by server-side apply, or those that the Gateway has already. Pure. */
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type IntentOf, intentKey } from "../intent.ts";

export interface Exposure extends IntentOf<"expose-to-the-outside"> {
  /** Comes with a release, which is what is in force. */
  readonly isPreview?: true;
}
type Listener = NonNullable<Gateway["spec"]>["listeners"][number];

/** Every listener of ours begins so; others are somebody else's. */
const ownPrefix = "towpath-";

/** One host at one gateway with all that is served there. */
export interface ServedHost {
  readonly gateway: ServiceRef;
  readonly host: string;
  readonly exposures: readonly Exposure[];
  /** Name of the listener for plain HTTP; undefined: none is needed. */
  readonly http: ServedListener | undefined;
  readonly https: ServedListener | undefined;
}

export interface ServedListener {
  readonly name: string;
  /** Somebody else's, which serves just this host. */
  readonly foreign: Listener | undefined;
}

/** Plain HTTP is served, or sent to HTTPS. */
const needsHttp = ({ certificate, redirectToHttps }: Exposure): boolean => certificate === null || redirectToHttps;

/** The Gateway as it is. */
export const gatewayObject = (
  { objects }: Pick<Inventory, "objects">,
  { namespace, name }: ServiceRef,
): Gateway | undefined =>
  objects.gateways.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);

/** Listeners that are somebody else's. */
export const foreignListeners = (inventory: Inventory, gateway: ServiceRef): readonly Listener[] =>
  (gatewayObject(inventory, gateway)?.spec?.listeners ?? []).filter(({ name }) => !name.startsWith(ownPrefix));

/** All hosts of exposures, each once for each gateway, in order. */
export function servedHosts(exposures: readonly Exposure[], inventory: Inventory): ServedHost[] {
  const sorted = exposures.toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1));
  const groups = Map.groupBy(sorted, ({ gateway, host }) => `${gateway.namespace}/${gateway.name} ${host}`);
  return [...groups]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      return first === undefined ? [] : [served(first, same, inventory)];
    });
}

function served(first: Exposure, exposures: readonly Exposure[], inventory: Inventory): ServedHost {
  const { gateway, host } = first;
  const listener = (port: number, protocol: "HTTP" | "HTTPS"): ServedListener => {
    const foreign = foreignListeners(inventory, gateway).find(
      (one) => one.port === port && one.protocol === protocol && one.hostname === host,
    );
    // After the host alone: services that come to share it change nothing for those that are there.
    return { name: foreign?.name ?? `${ownPrefix}${host}-${protocol.toLowerCase()}`, foreign };
  };
  return {
    gateway,
    host,
    exposures,
    http: exposures.some(needsHttp) ? listener(80, "HTTP") : undefined,
    https: exposures.some(({ certificate }) => certificate !== null) ? listener(443, "HTTPS") : undefined,
  };
}

/** Our listeners of a host, with every default written out, so that what is live can be compared. */
export function renderListeners({ host, exposures, http, https }: ServedHost): object[] {
  const namespaces = [...new Set(exposures.map(({ service }) => service.namespace))].sort();
  const [only, ...others] = namespaces;
  const selector =
    others.length === 0
      ? { matchLabels: { "kubernetes.io/metadata.name": only } }
      : { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: namespaces }] };
  const allowedRoutes = { namespaces: { from: "Selector", selector } };
  const certificate = exposures.find((one) => one.certificate !== null)?.certificate;
  return [
    ...(http === undefined || http.foreign !== undefined
      ? []
      : [{ name: http.name, hostname: host, port: 80, protocol: "HTTP", allowedRoutes }]),
    ...(https === undefined || https.foreign !== undefined
      ? []
      : [
          {
            name: https.name,
            hostname: host,
            port: 443,
            protocol: "HTTPS",
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: certificate }] },
            allowedRoutes,
          },
        ]),
  ];
}
