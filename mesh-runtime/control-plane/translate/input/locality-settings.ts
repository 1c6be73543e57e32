import type { L7Locality } from "../../../xds/proxy-config.ts";
import type { FieldReader } from "./unsupported.ts";

type Distribution = Extract<L7Locality, { kind: "distribute" }>["shares"];

/** `localityLbSetting` of a DestinationRule, as written. */
export interface LocalitySettings {
  readonly enabled: boolean;
  readonly distribute: Distribution;
  readonly failover: readonly { readonly from: string; readonly to: string }[];
  /** `failoverPriority`, as far as it is topology; `undefined` when it is not written. */
  readonly scopes: readonly ("REGION" | "ZONE" | "SUBZONE" | "NODE")[] | undefined;
}

/** Topology labels and what they say here; `""` holds for all endpoints of this mesh alike. */
const scopeOf: Readonly<Record<string, "REGION" | "ZONE" | "SUBZONE" | "NODE" | "">> = {
  "topology.kubernetes.io/region": "REGION",
  "topology.kubernetes.io/zone": "ZONE",
  "topology.istio.io/subzone": "SUBZONE",
  "kubernetes.io/hostname": "NODE",
  "topology.istio.io/network": "",
  "topology.istio.io/cluster": "",
};

/** Reads `localityLbSetting`. */
export function readLocality(reader: FieldReader | undefined): LocalitySettings | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const enabled = !reader.has("enabled") || reader.flag("enabled");
  const distribute = reader.objects("distribute").map((entry) => {
    const from = entry.text("from");
    const to = entry.entries("to").flatMap(([locality, weight]) => {
      const usable = typeof weight === "number" && weight >= 0 && weight <= 100;
      if (!usable) {
        entry.report(`to[${locality}]`);
      }
      return usable ? [{ locality, weight }] : [];
    });
    entry.rest();
    return { from, to };
  });
  const failover = reader.objects("failover").map((entry) => {
    const pair = { from: entry.text("from"), to: entry.text("to") };
    entry.rest();
    return pair;
  });
  const written = reader.has("failoverPriority");
  const scopes = reader.list("failoverPriority").flatMap((label) => {
    const scope = Object.hasOwn(scopeOf, label) ? scopeOf[label] : undefined;
    if (scope === undefined) {
      reader.report(`failoverPriority[${label}]`);
    }
    return scope === undefined || scope === "" ? [] : [scope];
  });
  reader.rest();
  return { enabled, distribute, failover, scopes: written ? scopes : undefined };
}
