import { type Alternative, type Clause, decide, type PreparedPolicies, preparePolicies } from "./decide.ts";
import type { HttpAuthorization, HttpCondition, HttpOperation, HttpSource } from "./http-model.ts";
import { type IpBytes, parseIp, parseIpBlock } from "./ip-address.ts";
import { lowerCased, matchesString } from "./match-string.ts";
import type { Action, CidrMatch, DecidingAttribute, Decision, StringMatch } from "./model.ts";
import { isPathTemplate, matchesPathTemplate } from "./path-template.ts";
import { parsePrincipal } from "./principal.ts";
import { Checks, type Ends } from "./value-check.ts";

/** What a layer 7 proxy knows of a request. */
export interface RequestAttributes {
  /** `cluster.local/ns/<ns>/sa/<sa>` proven by mutual TLS (no scheme); absent on plain text. */
  readonly sourcePrincipal?: string | undefined;
  /** The peer's address. */
  readonly sourceIp: string;
  /** The original client's address when trusted proxies named it; the peer's otherwise. */
  readonly remoteIp?: string | undefined;
  readonly destinationIp: string;
  /** The listener's or service's port. */
  readonly destinationPort: number;
  readonly method: string;
  /** Host as sent, port included. */
  readonly host: string;
  /** Normalized (`normalize-path.ts`), without query. */
  readonly path: string;
  /** Value of a header by its lower-case name, repeated ones joined by `,`; `undefined` when absent. */
  header(name: string): string | undefined;
}

interface Request extends Ends {
  readonly attributes: RequestAttributes;
  readonly remoteIp: IpBytes | undefined;
  readonly destinationIp: IpBytes | undefined;
  readonly host: string;
}

/** Policies made ready for evaluation; prepare them once per configuration. */
export type PreparedHttpPolicies = PreparedPolicies<Request>;

/** Compiles policies for `evaluateL7`. */
export function prepareHttpPolicies(policies: readonly HttpAuthorization[]): PreparedHttpPolicies {
  return preparePolicies(
    policies.map(({ name, namespace, action, rules }) => ({
      key: `${namespace}/${name}`,
      action,
      rules: rules.map(({ from, to, when }) => [
        ...clause(from.map((source) => sourceChecks(source, action))),
        ...clause(to.map((operation) => operationChecks(operation, action))),
        ...when.map((condition) => [conditionChecks(condition, action)]),
      ]),
    })),
  );
}

/** Decides about a request with Envoy's and Istio's semantics: DENY, then ALLOW (istio.io "Authorization Policy"). */
export function evaluateL7(policies: PreparedHttpPolicies, attributes: RequestAttributes): Decision {
  const principal = attributes.sourcePrincipal;
  return decide(policies, {
    attributes,
    principal,
    parts: principal === undefined ? undefined : parsePrincipal(principal),
    sourceIp: parseIp(attributes.sourceIp),
    remoteIp: parseIp(attributes.remoteIp ?? attributes.sourceIp),
    destinationIp: parseIp(attributes.destinationIp),
    destinationPort: attributes.destinationPort,
    host: attributes.host.toLowerCase(),
  });
}

const clause = (alternatives: readonly Alternative<Request>[]): Clause<Request>[] =>
  alternatives.length === 0 ? [] : [alternatives];

function sourceChecks(source: HttpSource, action: Action): Alternative<Request> {
  const checks = new Checks<Request>(action);
  checks.strings("source.principal", source.principals, source.notPrincipals, (at) => at.principal);
  checks.serviceAccounts(source.serviceAccounts, source.notServiceAccounts, (at) => at.parts);
  checks.strings("source.namespace", source.namespaces, source.notNamespaces, (at) => at.parts?.namespace);
  checks.ranges("source.ip", source.ipBlocks, source.notIpBlocks, (at) => at.sourceIp);
  checks.ranges("source.ip", source.remoteIpBlocks, source.notRemoteIpBlocks, (at) => at.remoteIp);
  return checks.list;
}

function operationChecks(operation: HttpOperation, action: Action): Alternative<Request> {
  const checks = new Checks<Request>(action);
  checks.strings(
    "request.host",
    operation.hosts?.map(lowerCased),
    operation.notHosts?.map(lowerCased),
    (at) => at.host,
  );
  checks.add("destination.port", operation.ports, operation.notPorts, (port, at) => port === at.destinationPort);
  checks.strings("request.method", operation.methods, operation.notMethods, (at) => at.attributes.method);
  checks.add("request.path", operation.paths, operation.notPaths, (match, at) =>
    match.kind === "exact" && isPathTemplate(match.value)
      ? matchesPathTemplate(match.value, at.attributes.path)
      : matchesString(match, at.attributes.path),
  );
  return checks.list;
}

const headerKey = /^request\.headers\[([^\]]+)\]$/;

function conditionChecks({ key, values, notValues }: HttpCondition, action: Action): Alternative<Request> {
  const checks = new Checks<Request>(action);
  const strings = (attribute: DecidingAttribute, read: (at: Request) => string | undefined): void =>
    checks.strings(attribute, values, notValues, read);
  const ranges = (attribute: DecidingAttribute, read: (at: Request) => IpBytes | undefined): void =>
    checks.ranges(attribute, values?.map(rangeOf), notValues?.map(rangeOf), read);
  const header = headerKey.exec(key)?.[1]?.toLowerCase();
  if (header !== undefined) {
    headerChecks(checks, header, values, notValues);
  } else if (key === "source.principal") {
    strings("source.principal", (at) => at.principal);
  } else if (key === "source.namespace") {
    strings("source.namespace", (at) => at.parts?.namespace);
  } else if (key === "source.ip") {
    ranges("source.ip", (at) => at.sourceIp);
  } else if (key === "remote.ip") {
    ranges("source.ip", (at) => at.remoteIp);
  } else if (key === "destination.ip") {
    ranges("destination.ip", (at) => at.destinationIp);
  } else if (key === "destination.port") {
    strings("destination.port", (at) => String(at.destinationPort));
  } else {
    // Claims of tokens, SNI and what is not known here: absent, so that positive matches fail and negative ones hold.
    strings("none", () => undefined);
  }
  return checks.list;
}

/** A header that is there with an empty value is present (Envoy's `present_match`). */
function headerChecks(
  checks: Checks<Request>,
  name: string,
  values: readonly StringMatch[] | undefined,
  notValues: readonly StringMatch[] | undefined,
): void {
  checks.add("request.header", values, notValues, (match, at) => {
    const value = at.attributes.header(name);
    return match.kind === "presence" ? value !== undefined : matchesString(match, value);
  });
}

/** Conditions carry ranges as text; what is no range becomes one that cannot be read. */
const rangeOf = (match: StringMatch): CidrMatch =>
  (match.kind === "exact" ? parseIpBlock(match.value) : undefined) ?? { address: "", length: -1 };
