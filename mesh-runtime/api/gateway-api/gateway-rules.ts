/** What a Gateway's parts must satisfy beyond their shapes (the CEL rules of Gateway API 1.4, experimental channel). */
import { isIp } from "../validation/names.ts";
import { hostnamePattern } from "./names.ts";

interface Listener {
  name: string;
  port: number;
  protocol: string;
  hostname?: string | undefined;
  tls?: { mode?: string | undefined } | undefined;
}

interface Address {
  type?: string | undefined;
  value?: string | undefined;
}

const qualifiedKey =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;

/** True when exactly one entry is equal to each: CEL's `exists_one`. */
export function allDistinct<T>(values: readonly T[], key: (value: T) => string): boolean {
  return new Set(values.map(key)).size === values.length;
}

export const listenerRules = [
  {
    message: "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
    check: (self: readonly Listener[]) =>
      self.every((l) => !["HTTP", "TCP", "UDP"].includes(l.protocol) || l.tls === undefined),
  },
  {
    message: "tls mode must be Terminate for protocol HTTPS",
    check: (self: readonly Listener[]) =>
      self.every((l) => l.protocol !== "HTTPS" || l.tls === undefined || ["", "Terminate"].includes(l.tls.mode ?? "")),
  },
  {
    message: "hostname must not be specified for protocols ['TCP', 'UDP']",
    check: (self: readonly Listener[]) =>
      self.every((l) => !["TCP", "UDP"].includes(l.protocol) || (l.hostname ?? "") === ""),
  },
  {
    message: "Listener name must be unique within the Gateway",
    check: (self: readonly Listener[]) => allDistinct(self, (l) => l.name),
  },
  {
    message: "Combination of port, protocol and hostname must be unique for each listener",
    check: (self: readonly Listener[]) =>
      allDistinct(self, (l) => JSON.stringify([l.port, l.protocol, l.hostname ?? null])),
  },
];

function distinctOfType(type: string) {
  return (self: readonly Address[]) =>
    allDistinct(
      self.filter((a) => a.type === type && a.value !== undefined),
      (a) => a.value ?? "",
    );
}

export const addressesRules = [
  { message: "IPAddress values must be unique", check: distinctOfType("IPAddress") },
  { message: "Hostname values must be unique", check: distinctOfType("Hostname") },
];

/** Rules of one address; `mayBeEmpty` for wished ones. The first is a `oneOf` of the schema in a cluster. */
export const addressRules = (mayBeEmpty: boolean) => [
  {
    message: "must validate one and only one schema (oneOf): an IPAddress is an IPv4 or IPv6 address",
    check: (self: Address) => self.type !== "IPAddress" || self.value === undefined || isIp(self.value),
  },
  {
    message: `Hostname value must ${mayBeEmpty ? "be empty or contain only" : "only contain"} valid characters (matching ${hostnamePattern})`,
    check: (self: Address) =>
      self.type !== "Hostname" || self.value === undefined || new RegExp(hostnamePattern).test(self.value),
  },
];

/** Rules of `infrastructure.labels` and `.annotations`; `what` is Label or Annotation. */
export const metadataKeyRules = (what: "Label" | "Annotation") => [
  {
    message: `${what} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
    check: (self: Readonly<Record<string, string>>) => Object.keys(self).every((key) => qualifiedKey.test(key)),
  },
  {
    message: `If specified, the ${what.toLowerCase()} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
    check: (self: Readonly<Record<string, string>>) =>
      Object.keys(self).every((key) => (key.split("/")[0] ?? "").length < 253),
  },
];

export const tlsRules = [
  {
    message: "certificateRefs or options must be specified when mode is Terminate",
    check: (self: {
      mode?: string | undefined;
      certificateRefs?: readonly unknown[] | undefined;
      options?: object | undefined;
    }) =>
      self.mode !== "Terminate" ||
      (self.certificateRefs?.length ?? 0) > 0 ||
      Object.keys(self.options ?? {}).length > 0,
  },
];
