/** security.istio.io/v1 PeerAuthentication: schema and type. */
import type * as z from "zod";
import { workloadSelector } from "./istio/selection.ts";
import { istioStatus } from "./istio/status.ts";
import { dict, oneOf, rules, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const mutualTls = struct(
  "v1beta1.PeerAuthentication_MutualTLS",
  {},
  { mode: oneOf(["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]).describe("STRICT takes mutual TLS only.") },
);

/** CEL's `int(key)`: digits with an optional sign, within 64 bits. */
const integer = /^[+-]?\d{1,18}$/;

const peerAuthenticationSpec = rules(
  struct(
    "v1beta1.PeerAuthentication",
    {},
    {
      selector: workloadSelector.describe("Workloads that the policy acts on; the whole namespace when absent."),
      mtls: mutualTls.describe("Mode of all ports."),
      portLevelMtls: rules(
        dict(mutualTls, { minProperties: 1 }),
        {
          message: "type conversion error from 'string' to 'int' evaluating rule: port must be between 1-65535",
          check: (self) => Object.keys(self).every((key) => integer.test(key)),
        },
        {
          message: "port must be between 1-65535",
          check: (self) =>
            Object.keys(self).some((key) => !integer.test(key)) ||
            Object.keys(self).every((key) => Number(key) > 0 && Number(key) <= 65535),
        },
      ).describe("Modes of single pod ports, by number."),
    },
  ),
  {
    message: "portLevelMtls requires selector",
    check: (self) => self.portLevelMtls === undefined || Object.keys(self.selector?.matchLabels ?? {}).length > 0,
  },
);

export const peerAuthenticationSchema = object(
  "PeerAuthentication",
  "security.istio.io/v1",
  "v1.PeerAuthentication",
  {},
  { spec: peerAuthenticationSpec.describe("Whether callers must prove who they are."), status: istioStatus },
);

export type PeerAuthentication = z.infer<typeof peerAuthenticationSchema>;
