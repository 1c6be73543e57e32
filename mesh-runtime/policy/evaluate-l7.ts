import {
  type Alternative,
  type Clause,
  decide,
  matchingRule,
  type PreparedPolicies,
  type PreparedPolicy,
  preparePolicies,
} from "./decide.ts";
import type { HttpAuthorization, HttpCondition, HttpOperation, HttpSource } from "./http-model.ts";
import { type IpBytes, parseIp, parseIpBlock } from "./ip-address.ts";
import { lowerCased, matchesString } from "./match-string.ts";
import type { Action, CidrMatch, DecidingAttribute, Decision, StringMatch } from "./model.ts";
import { isPathTemplate, matchesPathTemplate } from "./path-template.ts";
import { prepareConnection, type RequestAttributes, type TcpAttributes } from "./request-attributes.ts";
import { Checks, type Ends } from "./value-check.ts";

interface Request extends Ends {
  readonly attributes: RequestAttributes;
  readonly remoteIp: IpBytes | undefined;
  readonly destinationIp: IpBytes | undefined;
  readonly host: string;
}

/** Policies made ready for evaluation; prepare them once per configuration. */
export interface PreparedHttpPolicies {
  /** DENY and ALLOW. */
  readonly enforced: PreparedPolicies<Request>;
  /** DENY and ALLOW in dry run. */
  readonly shadow: PreparedPolicies<Request>;
  readonly audit: readonly PreparedPolicy<Request>[];
  readonly custom: readonly (PreparedPolicy<Request> & { readonly provider: string })[];
  /** Of all policies, in the order of evaluation; empty when there is nothing to evaluate. */
  readonly keys: readonly string[];
}

/** A CUSTOM rule that a request matches: its authorizer is to be asked. */
export interface CustomMatch {
  readonly provider: string;
  /** `<namespace>/<name>` */
  readonly policy: string;
  readonly rule: number;
}

/** Compiles policies for the functions below. */
export function prepareHttpPolicies(policies: readonly HttpAuthorization[]): PreparedHttpPolicies {
  const of = (action: HttpAuthorization["action"], dryRun = false) =>
    policies.filter((policy) => policy.action === action && policy.dryRun === dryRun);
  const enforced = preparePolicies([...of("DENY"), ...of("ALLOW")].map(prepared));
  const shadow = preparePolicies([...of("DENY", true), ...of("ALLOW", true)].map(prepared));
  const audit = of("AUDIT").map(prepared);
  const custom = of("CUSTOM").map((policy) => ({ ...prepared(policy), provider: policy.provider }));
  const keys = [...custom, ...audit].map(({ key }) => key);
  return { enforced, shadow, audit, custom, keys: [...keys, ...enforced.keys, ...shadow.keys] };
}

function prepared({ name, namespace, action, rules }: HttpAuthorization): PreparedPolicy<Request> {
  const sense = action === "ALLOW" ? "ALLOW" : "DENY";
  return {
    key: `${namespace}/${name}`,
    action: sense,
    rules: rules.map(({ from, to, when }) => [
      ...clause(from.map((source) => sourceChecks(source, sense))),
      ...clause(to.map((operation) => operationChecks(operation, sense))),
      ...when.map((condition) => [conditionChecks(condition, sense)]),
    ]),
  };
}

/** Decides about a request with Envoy's and Istio's semantics: DENY, then ALLOW (istio.io "Authorization Policy"). */
export const evaluateL7 = (policies: PreparedHttpPolicies, attributes: RequestAttributes): Decision =>
  decide(policies.enforced, requestOf(attributes));

/** What the dry-run policies alone would decide; `undefined` when there are none. */
export const evaluateShadow = (policies: PreparedHttpPolicies, attributes: RequestAttributes): Decision | undefined =>
  policies.shadow.keys.length === 0 ? undefined : decide(policies.shadow, requestOf(attributes));

/** The CUSTOM rules that match, the first of each policy; all of their authorizers must agree. */
export function matchCustom(policies: PreparedHttpPolicies, attributes: RequestAttributes): readonly CustomMatch[] {
  const request = requestOf(attributes);
  return policies.custom
    .map((policy) => ({ provider: policy.provider, policy: policy.key, rule: matchingRule(policy, request) }))
    .filter(({ rule }) => rule !== -1);
}

/** Keys of the AUDIT policies that match. */
export function matchAudit(policies: PreparedHttpPolicies, attributes: RequestAttributes): readonly string[] {
  const request = requestOf(attributes);
  return policies.audit.filter((policy) => matchingRule(policy, request) !== -1).map(({ key }) => key);
}

function requestOf(attributes: RequestAttributes): Request {
  const connection = attributes.connection ?? prepareConnection(attributes);
  return {
    attributes,
    principal: attributes.sourcePrincipal,
    parts: connection.parts,
    sourceIp: connection.sourceIp,
    remoteIp: attributes.remoteIp === undefined ? connection.sourceIp : parseIp(attributes.remoteIp),
    destinationIp: connection.destinationIp,
    destinationPort: attributes.destinationPort,
    host: attributes.host.toLowerCase(),
  };
}

/**
 * Decides about a connection that carries no HTTP: what only HTTP can answer never matches for ALLOW and always for
 * DENY (Istio's RBAC filter for TCP). CUSTOM refuses what it matches: nobody asks an authorizer about bytes.
 */
export const evaluateTcp = (policies: PreparedHttpPolicies, attributes: TcpAttributes): Decision =>
  evaluateL7(policies, { ...attributes, method: "", host: "", path: "", header: () => undefined });

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
