/** Pieces that several forms ask for. */
import * as z from "zod";
import { dnsLabel, dnsName, portNumber, unixMs } from "../names.ts";

/** Who may call: an identity, or anyone (plain text too). */
export const callerChoice = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("identity"), namespace: dnsLabel, serviceAccount: dnsName }),
  z.strictObject({ kind: z.literal("anyone") }),
]);
export type CallerChoice = z.infer<typeof callerChoice>;

/** A caller that has an identity. */
export const identityChoice = z.strictObject({
  kind: z.literal("identity"),
  namespace: dnsLabel,
  serviceAccount: dnsName,
});
export type IdentityChoice = z.infer<typeof identityChoice>;

/** A duration as Gateway API writes it (GEP-2257): `250ms`, `5s`, `1m30s`; no fractions. */
export const duration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/, "Use a duration such as 250ms, 5s or 1m");

/** Percentage above zero with at most two decimals. */
export const percentage = z
  .number()
  .min(0.01, "At least 0.01 %")
  .max(100, "At most 100 %")
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, "At most two decimals");

/** Name of a header (RFC 9110 §5.1), kept in lower case; pseudo headers are none. */
export const headerName = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Enter a header")
  .max(256)
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, "A header name has letters, digits and dashes");

const printable = /^[\x20-\x7e]*$/;

/** Value of a header: exact, `begin*`, or `*end`. */
export const headerValue = z
  .string()
  .min(1, "Enter a value")
  .max(1024)
  .regex(printable, "Use printable characters")
  .refine((value) => value !== "*", "For any value choose “is present”")
  .refine((value) => !/.\*./.test(value), "A * stands at the beginning or at the end");

/** What a header must be like. `values` is empty for `present` and `absent`. */
export const headerCondition = z
  .strictObject({
    name: headerName,
    match: z.enum(["present", "absent", "value", "not-value"]),
    values: z.array(headerValue).max(16).default([]),
  })
  .refine(({ match, values }) => (match === "present" || match === "absent") === (values.length === 0), {
    message: "Enter the value",
    path: ["values"],
  });
export type HeaderCondition = z.infer<typeof headerCondition>;

/** A method is case-sensitive (RFC 9110 §9.1): small letters would be accepted and never match. */
export const method = z.string().regex(/^[A-Z][A-Z-]{0,19}$/, "A method is in capital letters, such as GET");

/** Path of a request: exact, a beginning or an end marked by `*`, or with the templates `{*}` and `{**}`. */
export const pathPattern = z
  .string()
  .min(1, "Enter a path")
  .max(1024)
  .regex(/^[\x21-\x7e]*$/, "A path has no spaces")
  .refine((path) => path.startsWith("/") || path.startsWith("*"), "A path begins with /")
  .refine((path) => !/[?#]/.test(path), "Leave the query away: only the path is compared")
  .refine(
    (path) =>
      !path
        .replaceAll(/\{\*{1,2}\}/g, "")
        .slice(1, -1)
        .includes("*"),
    "A * stands at the beginning or at the end",
  );

/** Beginning of a path, by whole segments: `/api` is `/api` and `/api/…`, not `/apis`. */
export const pathPrefix = z
  .string()
  .max(1024)
  .regex(/^\/[\x21-\x7e]*$/, "A path begins with /")
  .refine((path) => !/[?#*{}]/.test(path), "Enter the beginning of the path, without *")
  // What Gateway API takes for a literal path.
  .refine((path) => /^(?:[-\w/.~!$&'()+,;=:@]|%[0-9a-fA-F]{2})*$/.test(path), "Write other characters as %xx")
  .refine((path) => !/\/\/|\/\.{1,2}(\/|$)|%2f/i.test(path), "A path has no //, /./ or /../ in it");

/** Requests that a rule is about; what is empty does not matter. */
export const requestRule = z.strictObject({
  methods: z.array(method).max(16).default([]),
  paths: z.array(pathPattern).max(32).default([]),
  headers: z.array(headerCondition).max(8).default([]),
});
export type RequestRule = z.infer<typeof requestRule>;

/** Requests that are meant: any of the rules. Empty: every request, and every connection that is no HTTP. */
export const requestRules = z.array(requestRule).max(8).default([]);

/** Ports of the Service (not of the pod); the right number per hop is written for you. */
export const servicePorts = z.array(portNumber).min(1, "Choose a port").max(16);

/** When it ends by itself; null for never. */
export const until = unixMs.nullable().default(null);
