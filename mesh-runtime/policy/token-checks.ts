/** Conditions about a verified token (istiod's `model/generator.go` over Envoy's `jwt_authn` metadata). */
import type { CheckList } from "./check-list.ts";
import type { VerifiedToken } from "./http-model.ts";
import { stringTest, writtenForm } from "./match-string.ts";
import type { DecidingAttribute, StringMatch } from "./model.ts";
import type { RequestContext } from "./request-context.ts";

type Matches = readonly StringMatch[] | undefined;
type StringTest = (value: string | undefined) => boolean;

/** Claims that istiod has split at spaces into lists. */
const spaceDelimited = new Set(["scope", "permission"]);

/** `requestPrincipals`, `request.auth.principal`. */
export const addRequestPrincipals = (checks: CheckList<RequestContext>, values: Matches, notValues: Matches): void =>
  checks.add("request.auth.principal", values, notValues, (match) => {
    const test = principalTest(writtenForm(match));
    return ({ attributes: { token } }) => token !== undefined && test(token);
  });

/** `request.auth.audiences`: one of the token's audiences. */
export const addAudiences = (checks: CheckList<RequestContext>, values: Matches, notValues: Matches): void =>
  listed(checks, "request.auth.audiences", values, notValues, (token) => token.audiences);

/** `request.auth.presenter`: the claim `azp`. */
export const addPresenter = (checks: CheckList<RequestContext>, values: Matches, notValues: Matches): void =>
  listed(checks, "request.auth.presenter", values, notValues, ({ presenter }) =>
    presenter === "" ? undefined : presenter,
  );

/** `request.auth.claims[a][b]`: a string, or a list that holds one; numbers and booleans never match. */
export const addClaim = (
  checks: CheckList<RequestContext>,
  path: readonly string[],
  values: Matches,
  notValues: Matches,
): void => listed(checks, "request.auth.claims", values, notValues, ({ claims }) => claimAt(claims, path));

/** The names in `[a][b]`; brackets inside a single name are part of it, as istiod reads them. */
export function claimPath(bracketed: string): readonly string[] | undefined {
  if (/^(\[[^[\]]*\])+$/.test(bracketed)) {
    return bracketed.slice(1, -1).split("][");
  }
  return bracketed.startsWith("[") && bracketed.endsWith("]") ? [bracketed.slice(1, -1)] : undefined;
}

function listed(
  checks: CheckList<RequestContext>,
  attribute: DecidingAttribute,
  values: Matches,
  notValues: Matches,
  read: (token: VerifiedToken) => unknown,
): void {
  checks.add(attribute, values, notValues, (match) => {
    const test = stringTest(match);
    return ({ attributes: { token } }) => token !== undefined && holdsOne(read(token), test);
  });
}

const holdsOne = (value: unknown, test: StringTest): boolean =>
  Array.isArray(value)
    ? value.some((item) => typeof item === "string" && test(item))
    : typeof value === "string" && test(value);

function claimAt(claims: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return path.length === 1 && spaceDelimited.has(path[0] ?? "") && typeof value === "string"
    ? value.split(" ").filter((part) => part !== "")
    : value;
}

/**
 * Issuer and subject are compared apart, split at the last slash of the policy's value, so that a subject with a slash
 * cannot pose as another issuer's.
 */
function principalTest(written: string): (token: VerifiedToken) => boolean {
  const [issuer, subject] = issuerAndSubject(written);
  return (token) => issuer(partOf(token, "iss")) && subject(partOf(token, "sub"));
}

function issuerAndSubject(written: string): readonly [StringTest, StringTest] {
  const slash = written.lastIndexOf("/");
  const issuer = slash === -1 ? written : written.slice(0, slash);
  const subject = written.slice(slash + 1);
  const any = stringTest({ kind: "presence" });
  if (written === "*") {
    return [any, any];
  }
  if (written.startsWith("*")) {
    return slash === -1
      ? [any, stringTest({ kind: "suffix", value: written.slice(1) })]
      : [
          issuer === "*" ? any : stringTest({ kind: "suffix", value: issuer.slice(1) }),
          stringTest({ kind: "exact", value: subject }),
        ];
  }
  if (written.endsWith("*")) {
    return slash === -1
      ? [stringTest({ kind: "prefix", value: written.slice(0, -1) }), any]
      : [
          stringTest({ kind: "exact", value: issuer }),
          subject === "*" ? any : stringTest({ kind: "prefix", value: subject.slice(0, -1) }),
        ];
  }
  return [
    stringTest({ kind: "exact", value: issuer }),
    stringTest({ kind: "exact", value: slash === -1 ? "" : subject }),
  ];
}

/** From the claims; a token that is given by its principal alone (a simulation) is split at the last slash. */
function partOf({ claims, principal }: VerifiedToken, name: "iss" | "sub"): string | undefined {
  if (Object.hasOwn(claims, "iss") || Object.hasOwn(claims, "sub")) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return typeof value === "string" ? value : undefined;
  }
  const slash = principal.lastIndexOf("/");
  return name === "iss" ? principal.slice(0, Math.max(slash, 0)) : principal.slice(slash + 1);
}
