/** Load balancing of clusters ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  BalancingPolicy,
  type ClusterLoadBalancingSchema,
  LocalityScope,
  type ClusterLoadBalancing as WireLoadBalancing,
} from "../gen/l7-cluster_pb.js";
import type { L7LoadBalancing, L7Locality } from "../proxy-config.ts";
import { MalformedResource } from "../resource-type.ts";
import { closedEnum } from "./closed-enum.ts";
import { filledText, list, milliseconds, text, time } from "./limits.ts";

type Init = MessageInitShape<typeof ClusterLoadBalancingSchema>;
type HashByInit = Exclude<Init["hashBy"], undefined>;
type LocalityInit = Exclude<Init["locality"], undefined>;

const policies = closedEnum({
  LEAST_REQUEST: BalancingPolicy.LEAST_REQUEST,
  ROUND_ROBIN: BalancingPolicy.ROUND_ROBIN,
  RANDOM: BalancingPolicy.RANDOM,
  CONSISTENT_HASH: BalancingPolicy.CONSISTENT_HASH,
});

const scopes = closedEnum({
  REGION: LocalityScope.REGION,
  ZONE: LocalityScope.ZONE,
  SUBZONE: LocalityScope.SUBZONE,
  NODE: LocalityScope.NODE,
});

/** How a cluster spreads requests. */
export const loadBalancingToWire = (value: L7LoadBalancing): Init => ({
  policy: policies.toWire(value.policy),
  hashBy: hashByToWire(value.hashBy),
  warmupMs: milliseconds(value.warmupMs),
  locality: localityToWire(value.locality),
});

/** And back; throws `MalformedResource`. */
export const loadBalancingFromWire = (wire: WireLoadBalancing): L7LoadBalancing => ({
  policy: policies.fromWire(wire.policy, "load balancing"),
  hashBy: hashByFromWire(wire.hashBy),
  warmupMs: time(wire.warmupMs, "warm-up"),
  locality: localityFromWire(wire.locality),
});

function hashByToWire(hashBy: L7LoadBalancing["hashBy"]): HashByInit {
  if (hashBy === undefined) {
    return { case: undefined };
  }
  switch (hashBy.kind) {
    case "cookie":
      return {
        case: "cookie",
        value: {
          name: hashBy.name,
          path: hashBy.path,
          ...(hashBy.ttlMs === undefined ? {} : { ttlMs: milliseconds(hashBy.ttlMs) }),
        },
      };
    case "sourceIp":
      return { case: "sourceIp", value: {} };
    default:
      return { case: hashBy.kind, value: { name: hashBy.name } };
  }
}

function hashByFromWire(hashBy: WireLoadBalancing["hashBy"]): L7LoadBalancing["hashBy"] {
  switch (hashBy.case) {
    case undefined:
      return undefined;
    case "cookie":
      return {
        kind: "cookie",
        name: filledText(hashBy.value.name, "hash cookie"),
        path: text(hashBy.value.path, "hash cookie path"),
        ttlMs: hashBy.value.ttlMs === undefined ? undefined : time(hashBy.value.ttlMs, "hash cookie lifetime"),
      };
    case "sourceIp":
      return { kind: "sourceIp" };
    default:
      return { kind: hashBy.case, name: filledText(hashBy.value.name, "hash name") };
  }
}

function localityToWire(locality: L7Locality): LocalityInit {
  switch (locality.kind) {
    case "none":
      return { case: "none", value: {} };
    case "failover":
      return { case: "failover", value: { regions: [...locality.regions] } };
    case "distribute":
      return {
        case: "distribute",
        value: { shares: locality.shares.map(({ from, to }) => ({ from, to: [...to] })) },
      };
    case "scopes":
      return { case: "scopes", value: { scopes: locality.scopes.map(scopes.toWire), strict: locality.strict } };
  }
}

function localityFromWire(locality: WireLoadBalancing["locality"]): L7Locality {
  switch (locality.case) {
    case "none":
      return { kind: "none" };
    case "failover":
      return {
        kind: "failover",
        regions: list(locality.value.regions, "failover regions", ({ from, to }) => ({
          from: filledText(from, "failover region"),
          to: filledText(to, "failover region"),
        })),
      };
    case "distribute":
      return {
        kind: "distribute",
        shares: list(locality.value.shares, "locality shares", ({ from, to }) => ({
          from: filledText(from, "locality"),
          to: list(to, "locality shares", (share) => ({
            locality: filledText(share.locality, "locality"),
            weight: share.weight,
          })),
        })),
      };
    case "scopes":
      return {
        kind: "scopes",
        scopes: list(locality.value.scopes, "locality scopes", (scope) => scopes.fromWire(scope, "locality scope")),
        strict: locality.value.strict,
      };
    default:
      throw new MalformedResource("locality: no kind that is known is set");
  }
}
