/** Forms about what crosses the border of the mesh. */
import * as z from "zod";
import { dnsLabel, dnsName, portNumber, serviceRef } from "../names.ts";
import { identityChoice, pathPrefix } from "./parts.ts";

/** A host name without wildcard (RFC 1123), in lower case. */
export const hostName = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Enter a host")
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
    "A host is a name such as shop.example.com",
  );

export const exposeValues = {
  port: portNumber,
  host: hostName,
  /** Requests whose path begins so; `/` for all. */
  path: pathPrefix.default("/"),
  gateway: z.strictObject({ namespace: dnsLabel, name: dnsName }),
  /** Certificate: a Secret of type kubernetes.io/tls in the gateway's namespace; null for plain HTTP. */
  certificate: dnsName.nullable().default(null),
  /** Plain HTTP is sent to HTTPS; with a certificate only. */
  redirectToHttps: z.boolean().default(true),
} as const;

/** Expose a service to the outside by a host at a gateway. `exposed: false` takes it back. */
export const exposeToTheOutsideForm = z.strictObject({
  service: serviceRef,
  ...exposeValues,
  exposed: z.boolean().default(true),
});
export type ExposeToTheOutsideForm = z.infer<typeof exposeToTheOutsideForm>;

export const destinationValues = {
  host: hostName,
  ports: z
    .array(z.strictObject({ port: portNumber, protocol: z.enum(["HTTP", "TLS", "TCP"]) }))
    .min(1, "Choose a port")
    .max(8),
  /** Fixed addresses; empty: the host is looked up. */
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(32)
    .default([]),
  callers: z.array(identityChoice).min(1, "Choose a caller").max(50),
} as const;

/** Allow a destination outside the mesh. `allowed: false` takes it back. */
export const allowADestinationForm = z.strictObject({
  /** Where the destination and its waypoint are kept. */
  namespace: dnsLabel,
  ...destinationValues,
  allowed: z.boolean().default(true),
});
export type AllowADestinationForm = z.infer<typeof allowADestinationForm>;
