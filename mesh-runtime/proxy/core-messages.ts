import type { TelemetryBatch } from "../api/telemetry.ts";
import type { Certificate } from "../identity/certificate-request.ts";
import type { MeshAddress } from "../xds/codec.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { AuditCount } from "./audits.ts";
import type { ProxySettings } from "./config.ts";
import type { DrainTimes } from "./data-plane.ts";

export interface NamedAddress {
  readonly name: string;
  readonly value: MeshAddress;
}

/** What a thread is started with. Keys stay within the process. */
export interface CoreStart {
  readonly settings: ProxySettings;
  readonly certificate: Certificate;
  readonly addresses: readonly NamedAddress[];
  readonly config: ProxyConfig;
  readonly hbonePort: number | undefined;
}

/** From the main thread to another one. */
export type ToCore =
  | { readonly type: "certificate"; readonly certificate: Certificate }
  | { readonly type: "addresses"; readonly upserted: readonly NamedAddress[]; readonly removed: readonly string[] }
  | { readonly type: "config"; readonly config: ProxyConfig }
  | { readonly type: "drain"; readonly times: DrainTimes };

/** What a thread tells once a second. */
export interface CoreReport {
  readonly type: "report";
  readonly batch: TelemetryBatch;
  readonly audits: readonly AuditCount[];
  /** Issuers of which a token named an unknown key. */
  readonly wantedKeys: readonly string[];
  readonly openConnections: number;
  /** Share of the last second that its event loop was busy. */
  readonly utilization: number;
}

/** From a thread to the main one. */
export type FromCore =
  /** It listens. */
  { readonly type: "bound" } | CoreReport;
