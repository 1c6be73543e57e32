/** networking.istio.io/v1 VirtualService: schema and type. */
import type * as z from "zod";
import { httpRule } from "./istio/http-rule.ts";
import { istioStatus } from "./istio/status.ts";
import { destination } from "./istio/string-match.ts";
import { dict, int32, list, str, struct, uint32 } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const routeDestination = struct(
  "v1alpha3.RouteDestination",
  { destination },
  { weight: int32().describe("Share of connections among the destinations.") },
);

const connectionFields = {
  destinationSubnets: list(str()).describe("Addresses or networks that are called."),
  port: uint32().describe("Port that is addressed."),
  sourceLabels: dict(str()).describe("Labels of the calling workload."),
  gateways: list(str()).describe("Gateways that the match is for."),
  sourceNamespace: str().describe("Namespace of the calling workload."),
};

const tcpRule = struct(
  "v1alpha3.TCPRoute",
  {},
  {
    match: list(struct("v1alpha3.L4MatchAttributes", {}, { ...connectionFields, sourceSubnet: str() })),
    route: list(routeDestination),
  },
);

const tlsRule = struct(
  "v1alpha3.TLSRoute",
  {
    match: list(struct("v1alpha3.TLSMatchAttributes", { sniHosts: list(str()) }, connectionFields)),
  },
  { route: list(routeDestination) },
);

const virtualServiceSpec = struct(
  "v1alpha3.VirtualService",
  {},
  {
    hosts: list(str()).describe("Hosts that are called; short names are of the object's own namespace."),
    gateways: list(str()).describe("Where the rules apply: gateways, or `mesh` for calls inside; mesh by default."),
    http: list(httpRule).describe("Rules for HTTP; the first that matches applies."),
    tls: list(tlsRule).describe("Rules for TLS that is passed through."),
    tcp: list(tcpRule).describe("Rules for everything else."),
    exportTo: list(str()).describe("Namespaces that see the object: `.`, `*` or names; all by default."),
  },
);

export const virtualServiceSchema = object(
  "VirtualService",
  "networking.istio.io/v1",
  "v1.VirtualService",
  {},
  { spec: virtualServiceSpec.describe("Which requests go where."), status: istioStatus },
);

export type VirtualService = z.infer<typeof virtualServiceSchema>;
export type VirtualServiceTcpRule = z.infer<typeof tcpRule>;
export type VirtualServiceTlsRule = z.infer<typeof tlsRule>;
export type RouteDestination = z.infer<typeof routeDestination>;
