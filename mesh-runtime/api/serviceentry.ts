/** networking.istio.io/v1 ServiceEntry: schema and type. */
import type * as z from "zod";
import { istioStatusFields } from "./istio/status.ts";
import { portNumber, workloadEntry } from "./istio/workload-entry.ts";
import { dict, keyed, list, oneOf, rules, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const servicePort = struct(
  "v1alpha3.ServicePort",
  { number: portNumber().describe("Port that is called."), name: str({ maxLength: 256 }) },
  {
    protocol: str({ maxLength: 256 }).describe("HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS."),
    targetPort: portNumber().describe("Port of the endpoints; the number by default."),
  },
);

const serviceEntrySpec = rules(
  struct(
    "v1alpha3.ServiceEntry",
    {
      hosts: list(rules(str(), { message: "hostname cannot be wildcard", check: (self) => self !== "*" }), {
        minItems: 1,
        maxItems: 256,
      }).describe("Hosts that are called."),
    },
    {
      addresses: list(str({ maxLength: 64 }), { maxItems: 256 }).describe("Virtual addresses or networks."),
      ports: rules(keyed(servicePort, ["name"], { maxItems: 256 }), {
        message: "port number cannot be duplicated",
        check: (self) => new Set(self.map((port) => port.number)).size === self.length,
      }),
      location: oneOf(["MESH_EXTERNAL", "MESH_INTERNAL"]).describe("Outside the mesh by default."),
      resolution: oneOf(["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]).describe(
        "How endpoints are found; NONE is the address that was called.",
      ),
      endpoints: list(workloadEntry, { maxItems: 4096 }),
      workloadSelector: struct(
        "v1alpha3.WorkloadSelector",
        {},
        {
          labels: dict(
            rules(str({ maxLength: 63 }), {
              message: "wildcard is not supported in selector",
              check: (self) => !self.includes("*"),
            }),
            { maxProperties: 256 },
          ),
        },
      ).describe("Pods that are endpoints, where the location is MESH_INTERNAL."),
      exportTo: list(str()).describe("Namespaces that see the entry: `.`, `*` or names; all by default."),
      subjectAltNames: list(str()).describe("Names that the servers' certificates may have."),
    },
  ),
  {
    message: "only one of WorkloadSelector or Endpoints can be set",
    check: (self) => self.workloadSelector === undefined || self.endpoints === undefined,
  },
  {
    message: "CIDR addresses are allowed only for NONE/STATIC resolution types",
    check: (self) =>
      ["STATIC", "NONE"].includes(self.resolution ?? "NONE") || (self.addresses ?? []).every((a) => !a.includes("/")),
  },
  {
    message: "NONE mode cannot set endpoints",
    check: (self) => (self.resolution ?? "NONE") !== "NONE" || self.endpoints === undefined,
  },
  {
    message: "DNS_ROUND_ROBIN mode cannot have multiple endpoints",
    check: (self) => self.resolution !== "DNS_ROUND_ROBIN" || (self.endpoints?.length ?? 0) <= 1,
  },
);

const serviceEntryStatus = struct(
  "v1alpha3.ServiceEntryStatus",
  {},
  {
    ...istioStatusFields,
    addresses: list(struct("v1alpha3.ServiceEntryAddress", {}, { value: str(), host: str() })).describe(
      "Addresses that the control plane chose where the entry names none.",
    ),
  },
  { "x-kubernetes-preserve-unknown-fields": true },
).describe("What the control plane says.");

export const serviceEntrySchema = object(
  "ServiceEntry",
  "networking.istio.io/v1",
  "v1.ServiceEntry",
  { spec: serviceEntrySpec.describe("A service that is not of this cluster.") },
  { status: serviceEntryStatus },
);

export type ServiceEntry = z.infer<typeof serviceEntrySchema>;
export type ServiceEntryPort = z.infer<typeof servicePort>;
