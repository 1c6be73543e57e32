/** How calls to a service are shared among its versions. A release moves these values; needs a waypoint. */
import * as z from "zod";
import { dnsLabel, dnsName, serviceRef } from "../names.ts";
import { headerName } from "./parts.ts";

/** A version as pods say it by their label `version`. */
export const versionName = z
  .string()
  .min(1, "Enter a version")
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "Use small letters, digits and dashes");

/** Percentage from nothing to everything, at most two decimals. */
export const share = z
  .number()
  .min(0, "At least 0 %")
  .max(100, "At most 100 %")
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, "At most two decimals");

/** Name of a cookie (RFC 6265 §4.1.1). */
export const cookieName = z
  .string()
  .min(1, "Enter a cookie")
  .max(64)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "A cookie name has letters, digits and dashes");

/** Value of a header or cookie that is compared as a whole. */
const exactValue = z
  .string()
  .min(1, "Enter a value")
  .max(256)
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, "Use printable characters");

/** Requests that always get to the new version, whatever the share. */
export const releaseMatch = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("header"), name: headerName, value: exactValue }),
  z.strictObject({
    by: z.literal("cookie"),
    name: cookieName,
    value: exactValue.regex(/^[^\s",;\\]+$/, "A cookie value has no spaces, quotes, commas, semicolons or backslashes"),
  }),
  z.strictObject({ by: z.literal("caller"), namespace: dnsLabel, serviceAccount: dnsName }),
]);
export type ReleaseMatch = z.infer<typeof releaseMatch>;

/** A host of its own at a gateway, behind which only the new version answers. */
export const previewHost = z.strictObject({
  gateway: z.strictObject({ namespace: dnsLabel, name: dnsName }),
  host: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/, "Enter a host such as v2.example.com"),
});
export type PreviewHost = z.infer<typeof previewHost>;

/** Whoever got a version keeps it. */
export const stickiness = z.strictObject({
  // Proxies read a percent sign in a header that they set as a command.
  cookie: cookieName.regex(/^[^%]+$/, "A percent sign cannot be used here").default("towpath-version"),
  /** Lifetime of the cookie. */
  seconds: z.int().min(1).max(2_592_000).default(3_600),
});
export type Stickiness = z.infer<typeof stickiness>;

export const releaseValues = {
  stable: versionName,
  /** Null: everything goes to `stable`. */
  canary: versionName.nullable().default(null),
  /** Share of the calls that the canary answers. */
  weight: share.default(0),
  /** Calls that always get to the canary; any of them. */
  match: z.array(releaseMatch).max(4).default([]),
  /** Copies of this share go to the canary too, and its answers are thrown away. */
  mirror: share.default(0),
  sticky: stickiness.nullable().default(null),
  /** Counts up when shares move: whoever was given `stable` draws again. */
  round: z.int().min(0).max(1_000_000).default(0),
  preview: previewHost.nullable().default(null),
} as const;

/** Share calls among versions. `enabled: false` gives them back to the Service's own pods. */
export const releaseAVersionForm = z.strictObject({
  service: serviceRef,
  ...releaseValues,
  enabled: z.boolean().default(true),
});
export type ReleaseAVersionForm = z.infer<typeof releaseAVersionForm>;
