/** An endpoint of a ServiceEntry. */
import type * as z from "zod";
import { dict, rules, str, struct, uint32 } from "../schema/builders.ts";

/** A port of 1 to 65535. */
export const portNumber = () =>
  rules(uint32(), { message: "port must be between 1-65535", check: (self) => self > 0 && self <= 65535 });

const unix = "unix://";

export const workloadEntry = rules(
  struct(
    "v1alpha3.WorkloadEntry",
    {},
    {
      address: rules(
        str({ maxLength: 256 }),
        {
          message: "UDS must be an absolute path or abstract socket",
          check: (self) => !self.startsWith(unix) || ["/", "@"].includes(self.slice(unix.length, unix.length + 1)),
        },
        { message: "UDS may not be a dir", check: (self) => !self.startsWith(unix) || !self.endsWith("/") },
      ).describe("An IP address, or a host name where the resolution is DNS."),
      ports: rules(dict(portNumber(), { maxProperties: 128 }), {
        message: "port name must be valid",
        check: (self) =>
          Object.keys(self).every((key) => key.length < 63 && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(key)),
      }).describe("Numbers by port name; the entry's own by default."),
      labels: dict(str(), { maxProperties: 256 }),
      network: str({ maxLength: 2048 }),
      locality: str({ maxLength: 2048 }).describe("`region/zone/subzone`."),
      weight: uint32().describe("Share of connections among the endpoints."),
      serviceAccount: str({ maxLength: 253 }),
    },
  ),
  { message: "Address is required", check: (self) => self.address !== undefined || self.network !== undefined },
  {
    message: "UDS may not include ports",
    check: (self) => !self.address?.startsWith(unix) || self.ports === undefined,
  },
);

export type WorkloadEntrySpec = z.infer<typeof workloadEntry>;
