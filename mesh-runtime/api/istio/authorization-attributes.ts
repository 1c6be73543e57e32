/** Values inside AuthorizationPolicy rules, checked as istiod's webhook checks them. */
import { isCidr, isIp } from "../validation/names.ts";

/** One complaint. `nested` ones make istiod print a list even when they are alone. */
export interface Complaint {
  readonly text: string;
  readonly nested?: boolean;
}

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
    return isIp(value)
      ? []
      : [{ text: `bad IP address (${value}): ParseAddr(${JSON.stringify(value)}): unable to parse IP`, nested: true }];
  });
}

export function badPorts(values: readonly string[] | undefined): Complaint[] {
  return (values ?? []).flatMap((value) => {
    const parsing = `strconv.ParseUint: parsing ${JSON.stringify(value)}`;
    if (!/^\d+$/.test(value)) {
      return [{ text: `bad port (${value}): ${parsing}: invalid syntax`, nested: true }];
    }
    return Number(value) > 65535 ? [{ text: `bad port (${value}): ${parsing}: value out of range`, nested: true }] : [];
  });
}

/** `<account>` or `<namespace>/<account>`, no wildcards. */
export function badServiceAccounts(name: string, values: readonly string[] | undefined): Complaint[] {
  for (const value of values ?? []) {
    if (value.includes("*")) {
      return [{ text: `wildcard not allowed, found in ${name}` }];
    }
    if (value.split("/").length > 2) {
      return [
        {
          text: `expected format 'serviceAccount' or 'namespace/serviceAccount', found ${JSON.stringify(value)} in ${name}`,
        },
      ];
    }
  }
  return [];
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
  "source.serviceAccount",
  "request.auth.principal",
  "request.auth.audiences",
  "request.auth.presenter",
  "connection.sni",
]);

/** Complaints about one side (`values` or `notValues`) of a `when` condition. */
export function badAttribute(key: string, values: readonly string[]): readonly string[] {
  if (["request.headers", "request.auth.claims", "experimental.envoy.filters."].some((p) => key.startsWith(p))) {
    return /^[^[]+\[.*\]$/.test(key) ? [] : [`bad key (${key}): should have format a[b]`];
  }
  switch (key) {
    case "source.ip":
    case "remote.ip":
    case "destination.ip":
      return badNetworks(values).map((complaint) => complaint.text);
    case "destination.port":
      return badPorts(values).map((complaint) => complaint.text);
    default:
      return plainAttributes.has(key) ? [] : [`unknown attribute: ${key}`];
  }
}
