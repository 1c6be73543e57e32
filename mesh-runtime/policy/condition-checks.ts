import { CheckList } from "./check-list.ts";
import type { HttpCondition } from "./http-model.ts";
import { type IpBytes, parseIpBlock } from "./ip-address.ts";
import { stringTest } from "./match-string.ts";
import type { Action, CidrMatch, DecidingAttribute, StringMatch } from "./model.ts";
import type { Alternative } from "./prepared-policy.ts";
import { addNamespaces } from "./request-checks.ts";
import type { RequestContext } from "./request-context.ts";
import { addAudiences, addClaim, addPresenter, addRequestPrincipals, claimPath } from "./token-checks.ts";

type Checks = CheckList<RequestContext>;
type Matches = readonly StringMatch[] | undefined;
type Add = (checks: Checks, values: Matches, notValues: Matches) => void;

const headerPrefix = "request.headers";
const claimPrefix = "request.auth.claims";

/** Whether only HTTP can answer a condition (istiod's generators with `forTCP`). */
export const isHttpCondition = ({ key }: { readonly key: string }): boolean =>
  key.startsWith(headerPrefix) || key.startsWith("request.auth.");

/**
 * One `when` entry. Keys that nothing is known of here (`experimental.envoy.filters.*`, what the webhook would refuse)
 * close: DENY matches, ALLOW does not. With `tcp`, what only HTTP can answer is left out.
 */
export function conditionChecks(condition: HttpCondition, action: Action, tcp: boolean): Alternative<RequestContext> {
  const checks = new CheckList<RequestContext>(action);
  if (!(tcp && isHttpCondition(condition))) {
    adderOf(condition.key)(checks, condition.values, condition.notValues);
  }
  return checks.alternative;
}

function adderOf(key: string): Add {
  const known = byKey.get(key);
  if (known !== undefined) {
    return known;
  }
  if (key.startsWith(headerPrefix)) {
    const name = headerName(key);
    return name === undefined ? unsupported("request.header") : header(name);
  }
  if (key.startsWith(claimPrefix)) {
    const path = claimPath(key.slice(claimPrefix.length));
    return path === undefined
      ? unsupported("request.auth.claims")
      : (checks, values, notValues) => addClaim(checks, path, values, notValues);
  }
  return unsupported("none");
}

const headerName = (key: string): string | undefined => /^request\.headers\[(.+)\]$/.exec(key)?.[1]?.toLowerCase();

/** The header that a condition asks for, in lower case; `undefined` for other conditions and what Envoy makes up. */
export function plainHeader(key: string): string | undefined {
  const name = headerName(key);
  return name === undefined || name === "host" || name.includes(":") ? undefined : name;
}

const unsupported =
  (attribute: DecidingAttribute): Add =>
  (checks) =>
    checks.unsupported(attribute);

const ranges =
  (attribute: DecidingAttribute, read: (at: RequestContext) => IpBytes | undefined): Add =>
  (checks, values, notValues) =>
    checks.ranges(attribute, values?.map(rangeOf), notValues?.map(rangeOf), read);

/** Conditions carry ranges as text; what is no range becomes one that cannot be read. */
const rangeOf = (match: StringMatch): CidrMatch =>
  (match.kind === "exact" ? parseIpBlock(match.value) : undefined) ?? { address: "", length: -1 };

/** Conditions carry ports as text; what is no port gives the stricter answer. */
const addPorts: Add = (checks, values, notValues) =>
  checks.add("destination.port", values, notValues, (match, stricter) => {
    const port = match.kind === "exact" && /^\d{1,5}$/.test(match.value) ? Number(match.value) : undefined;
    return port === undefined ? () => stricter : (at) => at.attributes.destinationPort === port;
  });

const byKey: ReadonlyMap<string, Add> = new Map<string, Add>([
  ["source.ip", ranges("source.ip", (at) => at.sourceIp)],
  ["remote.ip", ranges("remote.ip", (at) => at.remoteIp)],
  ["destination.ip", ranges("destination.ip", (at) => at.destinationIp)],
  ["destination.port", addPorts],
  ["source.namespace", addNamespaces],
  [
    "source.principal",
    (checks, values, notValues) => checks.strings("source.principal", values, notValues, (at) => at.principal),
  ],
  [
    "connection.sni",
    (checks, values, notValues) => checks.strings("connection.sni", values, notValues, (at) => at.sni),
  ],
  ["request.auth.principal", addRequestPrincipals],
  ["request.auth.audiences", addAudiences],
  ["request.auth.presenter", addPresenter],
]);

/**
 * A header by its lower-case name; one that is there with an empty value is present (Envoy's `present_match`). Of the
 * pseudo-headers `:method` and the authority are known (Envoy has `host` be the same); others close.
 */
function header(name: string): Add {
  if (name === ":authority" || name === "host") {
    return (checks, values, notValues) =>
      checks.strings("request.header", values, notValues, (at) => at.attributes.host);
  }
  if (name === ":method") {
    return (checks, values, notValues) =>
      checks.strings("request.header", values, notValues, (at) => at.attributes.method);
  }
  if (name.startsWith(":")) {
    return unsupported("request.header");
  }
  return (checks, values, notValues) =>
    checks.add("request.header", values, notValues, (match) => {
      if (match.kind === "presence") {
        return (at) => at.attributes.header(name) !== undefined;
      }
      const test = stringTest(match);
      return (at) => test(at.attributes.header(name));
    });
}
