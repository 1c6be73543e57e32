import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  PathNormalization,
  ProxyConfigSchema,
  ProxyKind,
  type Certificate as WireCertificate,
  type ProxyConfig as WireProxyConfig,
} from "./gen/proxy-config_pb.js";
import { authorizerFromWire, authorizerToWire } from "./proxy-config/authorizer.ts";
import { closedEnum } from "./proxy-config/closed-enum.ts";
import { clusterFromWire, clusterToWire } from "./proxy-config/cluster.ts";
import { documentMax, entriesMax, filledText, list, required } from "./proxy-config/limits.ts";
import {
  listenerFromWire,
  listenerToWire,
  serviceFromWire,
  serviceToWire,
  workloadFromWire,
  workloadToWire,
} from "./proxy-config/place.ts";
import { telemetryFromWire, telemetryToWire } from "./proxy-config/telemetry.ts";
import type { L7Certificate, ProxyConfig } from "./proxy-config.ts";
import { decoding, MalformedResource, type ResourceType, requiredText } from "./resource-type.ts";

/** Configuration of one L7 proxy, named `<namespace>/<gateway>`. */
export const proxyConfigType: ResourceType<ProxyConfig> = {
  typeUrl: "type.googleapis.com/towpath.l7.v1.ProxyConfig",
  name: ({ namespace, name }) => `${namespace}/${name}`,
  encode: (value) =>
    toBinary(
      ProxyConfigSchema,
      create(ProxyConfigSchema, {
        name: value.name,
        namespace: value.namespace,
        kind: kinds.toWire(value.kind),
        listeners: value.listeners.map(listenerToWire),
        services: value.services.map(serviceToWire),
        workloads: value.workloads.map(workloadToWire),
        clusters: value.clusters.map(clusterToWire),
        authorizers: value.authorizers.map(authorizerToWire),
        certificates: [...value.certificates],
        telemetry: telemetryToWire(value.telemetry),
        pathNormalization: normalizations.toWire(value.pathNormalization),
        tellsCallersAs: value.tellsCallersAs,
      }),
    ),
  decode: (bytes) => decoding(() => read(fromBinary(ProxyConfigSchema, bytes))),
};

const kinds = closedEnum({ gateway: ProxyKind.GATEWAY, waypoint: ProxyKind.WAYPOINT });

const normalizations = closedEnum({
  NONE: PathNormalization.NONE,
  BASE: PathNormalization.BASE,
  MERGE_SLASHES: PathNormalization.MERGE_SLASHES,
  DECODE_AND_MERGE_SLASHES: PathNormalization.DECODE_AND_MERGE_SLASHES,
});

const read = (wire: WireProxyConfig): ProxyConfig => ({
  name: requiredText(wire.name, "name"),
  namespace: requiredText(wire.namespace, "namespace"),
  kind: kinds.fromWire(wire.kind, "kind"),
  listeners: list(wire.listeners, "listeners", listenerFromWire),
  services: list(wire.services, "services", serviceFromWire, entriesMax),
  workloads: list(wire.workloads, "workloads", workloadFromWire, entriesMax),
  clusters: list(wire.clusters, "clusters", clusterFromWire, entriesMax),
  authorizers: list(wire.authorizers, "authorizers", authorizerFromWire),
  certificates: list(wire.certificates, "certificates", certificateFromWire),
  telemetry: telemetryFromWire(required(wire.telemetry, "telemetry")),
  pathNormalization: normalizations.fromWire(wire.pathNormalization, "path normalization"),
  tellsCallersAs: callerTold(wire.tellsCallersAs),
});

/** It stands in a header: nothing but what a SPIFFE ID has. */
function callerTold(told: string): string {
  if (!/^(?:spiffe:\/\/[A-Za-z0-9._/-]{1,2039})?$/.test(told)) {
    throw new MalformedResource("the identity to tell callers as is no SPIFFE ID");
  }
  return told;
}

const certificateFromWire = ({ key, chain, privateKey }: WireCertificate): L7Certificate => ({
  key: filledText(key, "certificate"),
  chain: filledText(chain, `chain of ${key}`, documentMax),
  privateKey: filledText(privateKey, `key of ${key}`, documentMax),
});
