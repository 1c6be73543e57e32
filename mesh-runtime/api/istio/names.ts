/** Names as istiod's webhook checks them: laxer than Kubernetes, upper case is allowed. Each answers what is wrong. */
import { isCidr, isIp } from "../validation/names.ts";

const label = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?";
const qualified = "(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const wholeLabel = new RegExp(`^${label}$`);
const wholeWildcardLabel = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${label})$`);
const wholeLabelKey = new RegExp(`^(${label}(?:\\.${label})*/)?(${qualified})$`);
const wholeLabelValue = new RegExp(`^(?:${qualified})?$`);

const labelMax = 63;
const domainMax = 255;

export const isDnsLabel = (value: string): boolean => value.length <= labelMax && wholeLabel.test(value);

function domainPreconditions(domain: string): string | undefined {
  if (domain.length > domainMax) {
    return `domain name ${JSON.stringify(domain)} too long (max ${domainMax})`;
  }
  return domain === "" ? "empty domain name not allowed" : undefined;
}

const invalidLabel = (domain: string, part: string) =>
  `domain name ${JSON.stringify(domain)} invalid (label ${JSON.stringify(part)} invalid)`;

function domainLabels(domain: string): string | undefined {
  const parts = domain.split(".");
  const last = parts[parts.length - 1] ?? "";
  if (/^[+-]?\d{1,18}$/.test(last)) {
    return `domain name ${JSON.stringify(domain)} invalid (top level domain ${JSON.stringify(last)} cannot be all-numeric)`;
  }
  // An empty last part stands for a name that ends in a dot.
  const checked = last === "" ? parts.slice(0, -1) : parts;
  const bad = checked.find((part) => !isDnsLabel(part));
  return bad === undefined ? undefined : invalidLabel(domain, bad);
}

/** A host name without wildcards. */
export function fqdnProblem(domain: string): string | undefined {
  return domainPreconditions(domain) ?? domainLabels(domain);
}

/** A host name whose first label may be, or start with, a star. */
export function wildcardDomainProblem(domain: string): string | undefined {
  const problem = domainPreconditions(domain);
  if (problem !== undefined) {
    return problem;
  }
  const dot = domain.indexOf(".");
  const first = dot < 0 ? domain : domain.slice(0, dot);
  if (first.length > labelMax || !wholeWildcardLabel.test(first)) {
    return invalidLabel(domain, first);
  }
  return dot < 0 ? undefined : domainLabels(domain.slice(dot + 1));
}

/** Names overlap: equal, or one is covered by the other's star. */
export function hostsOverlap(a: string, b: string): boolean {
  return a === b || isSubsetHost(a, b) || isSubsetHost(b, a);
}

/** `inner` is covered by `outer`. */
export function isSubsetHost(inner: string, outer: string): boolean {
  return inner === outer || (outer.startsWith("*") && inner.endsWith(outer.slice(1)));
}

export function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`;
}

/** An address, or a network. */
export function subnetProblem(value: string): string | undefined {
  if (value.split("/").length === 2) {
    return isCidr(value) ? undefined : `${value} is not a valid CIDR block`;
  }
  return isIp(value) ? undefined : `${value} is not a valid IP`;
}

/** Problems of labels; they stand in a list in istiod's answer. */
export function labelProblems(labels: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...labelKeyProblem(key),
    ...(wholeLabelValue.test(value) ? [] : [`invalid tag value: ${JSON.stringify(value)}`]),
  ]);
}

function labelKeyProblem(key: string): string[] {
  const match = wholeLabelKey.exec(key);
  const named = `invalid tag key: ${JSON.stringify(key)}`;
  if (match === null) {
    return [named];
  }
  if ((match[1] ?? "").length > 254) {
    return [`${named} (DNS prefix is too long)`];
  }
  return (match[2] ?? "").length > labelMax ? [`${named} (name is too long)`] : [];
}

/** `exportTo`: `.`, `*` or namespaces, and `~` where a service may be hidden from all. */
export function exportProblems(
  namespace: string,
  exportTo: readonly string[] | undefined,
  kind: "ServiceEntry" | "selecting DestinationRule" | "other",
): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const entry of exportTo ?? []) {
    const key = entry === "." ? namespace : entry;
    if (seen.has(key)) {
      problems.push(
        key === entry
          ? `duplicate entries in exportTo for entry ${entry}`
          : `duplicate entries in exportTo: . and current namespace ${namespace}`,
      );
    } else if (key === "~" && kind !== "ServiceEntry") {
      problems.push("exportTo ~ (none) is not allowed for Istio configuration objects");
    } else if (key !== "~" && key !== "*" && !isDnsLabel(key)) {
      problems.push("only .,*, or a valid DNS 1123 label is allowed as exportTo entry");
    } else {
      seen.add(key);
    }
  }
  if (kind === "selecting DestinationRule" && seen.size > 0) {
    if (!seen.has(namespace)) {
      problems.push("destination rule with workload selector cannot have exportTo beyond current namespace");
    } else if (seen.size > 1) {
      problems.push("destination rule with workload selector cannot have multiple entries in exportTo");
    }
  }
  if (seen.has("*") && (exportTo?.length ?? 0) > 1) {
    problems.push("cannot have both public (*) and non-public exportTo values for a resource");
  }
  if (seen.has("~") && (exportTo?.length ?? 0) > 1) {
    problems.push("cannot export service entry to no one (~) and someone");
  }
  return problems;
}
