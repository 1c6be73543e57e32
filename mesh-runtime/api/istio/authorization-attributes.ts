/** Values inside AuthorizationPolicy rules, checked as istiod's webhook checks them. */
import { isCidr, isIp } from "../validation/names.ts";
import type { Complaint } from "./report.ts";

const templateLiteral = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]*$/;

export function emptyValues(name: string, values: readonly string[] | undefined): Complaint[] {
  return (values ?? []).includes("") ? [{ text: `empty value not allowed, found in ${name}` }] : [];
}

export function badNetworks(values: readonly string[] | undefined): Complaint[] {
  return (values ?? []).flatMap((value) => {
    if (value.includes("/")) {
      return isCidr(value)
        ? []
        : [
            {
              text: `bad CIDR range (${value}): netip.ParsePrefix(${JSON.stringify(value)}): bad network`,
              nested: true,
            },
          ];
    }
    return isIp(value) ? [] : [{ text: `bad IP address (${value})`, nested: true }];
  });
}

export function badPorts(values: readonly string[] | undefined): Complaint[] {
  return (values ?? []).flatMap((value) => {
    const parsing = `strconv.ParseUint: parsing ${JSON.stringify(value)}`;
    if (!/^\d+$/.test(value)) {
      return [{ text: `bad port (${value}): ${parsing}: invalid syntax`, nested: true }];
    }
    const why = Number(value) < 2 ** 32 ? "<nil>" : `${parsing}: value out of range`;
    return Number(value) > 65535 ? [{ text: `bad port (${value}): ${why}`, nested: true }] : [];
  });
}

/** `<account>` or `<namespace>/<account>`, no wildcards. */
export function badServiceAccounts(name: string, values: readonly string[] | undefined): Complaint[] {
  const problem = (values ?? []).map((value) => serviceAccountProblem(name, value)).find((text) => text !== undefined);
  return problem === undefined ? [] : [{ text: problem }];
}

function serviceAccountProblem(name: string, value: string): string | undefined {
  if (value === "") {
    return `empty value not allowed, found in ${name}`;
  }
  if (value.includes("*")) {
    return `wildcard not allowed, found in ${name}`;
  }
  const format = "expected format 'serviceAccount' or 'namespace/serviceAccount', found";
  const parts = value.split("/");
  if (parts.length > 2) {
    return `${format} ${JSON.stringify(value)} in ${name}`;
  }
  if (value.length > 320) {
    return `value cannot exceed 320 characters, found ${JSON.stringify(value)} in ${name}`;
  }
  const empty = parts.indexOf("");
  return empty < 0
    ? undefined
    : `${format} empty ${empty === 0 ? "namespace" : "serviceAccount"} ${JSON.stringify(value)} in ${name}`;
}

/** Path templates: `{*}` is one segment, `{**}` the rest; other braces, and stars beside templates, are refused. */
export function badPaths(name: string, values: readonly string[] | undefined): Complaint[] {
  for (const value of values ?? []) {
    const templated = value.includes("{*}") || value.includes("{**}");
    const path = value.replace(/^\/+|\/+$/g, "");
    const refuse = (why: string) => [{ text: `invalid or unsupported path ${path}, found in ${name}. ${why}` }];
    let rest = false;
    for (const segment of path.split("/")) {
      if (segment === "{*}" || segment === "{**}") {
        if (rest) {
          return refuse("{**} is not the last operator");
        }
        rest = segment === "{**}";
      } else if (/[{}]/.test(segment)) {
        return refuse("Contains '{' or '}' beyond a supported path template");
      } else if (templated && !templateLiteral.test(segment)) {
        return refuse(`Contains segment ${segment} with invalid string literal`);
      }
    }
  }
  return [];
}

const plainAttributes = new Set([
  "source.namespace",
  "source.principal",
  "request.auth.principal",
  "request.auth.audiences",
  "request.auth.presenter",
  "connection.sni",
]);

/** Complaints about one side (`values` or `notValues`) of a `when` condition. */
export function badAttribute(key: string, values: readonly string[]): readonly string[] {
  const empty = emptyValues(key, values);
  return empty.length > 0 ? empty.map(({ text }) => text) : badValues(key, values);
}

function badValues(key: string, values: readonly string[]): readonly string[] {
  if (["request.headers", "request.auth.claims", "experimental.envoy.filters."].some((p) => key.startsWith(p))) {
    return /^[^[]+\[.+\]$/s.test(key) ? [] : [`bad key (${key}): should have format a[b]`];
  }
  if (key.startsWith("destination.labels")) {
    return [`attribute ${key} is replaced by the workload selector`];
  }
  switch (key) {
    case "source.ip":
    case "remote.ip":
    case "destination.ip":
      return badNetworks(values).map(({ text }) => text);
    case "destination.port":
      return badPorts(values).map(({ text }) => text);
    case "source.serviceAccount":
      return badServiceAccounts(key, values).map(({ text }) => text);
    case "destination.namespace":
      return [`attribute ${key} is replaced by the metadata.namespace`];
    case "destination.name":
    case "destination.user":
      return [`deprecated attribute ${key}: only supported in v1alpha1`];
    default:
      return plainAttributes.has(key) ? [] : [`unknown attribute: ${key}`];
  }
}
