import { type Fields, isNamed } from "../../../http1/index.ts";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import type { Draft } from "../draft.ts";
import { cookieValues, withoutCookie } from "../routes/cookies.ts";
import { decodedParameters, withoutParameter } from "../routes/query-parameters.ts";

/** A place where tokens are looked for. */
export type TokenLocation =
  | { readonly kind: "header"; readonly name: string; readonly prefix: string }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "cookie"; readonly name: string };

const defaults: readonly TokenLocation[] = [
  { kind: "header", name: "authorization", prefix: "Bearer " },
  { kind: "parameter", name: "access_token" },
];

/** Where a rule looks: `Authorization: Bearer` and `access_token` if it names nothing (istio.io "JWTRule"). */
export function locationsOf({ fromHeaders, fromParams, fromCookies }: L7JwtRule): readonly TokenLocation[] {
  const named: TokenLocation[] = [
    ...fromHeaders.map(({ name, prefix }) => ({ kind: "header" as const, name: name.toLowerCase(), prefix })),
    ...fromParams.map((name) => ({ kind: "parameter" as const, name })),
    ...fromCookies.map((name) => ({ kind: "cookie" as const, name })),
  ];
  return named.length === 0 ? defaults : named;
}

/** All tokens at a location; each must hold, so that no second one gets past behind a good first. */
export function tokensAt(location: TokenLocation, draft: Draft): string[] {
  switch (location.kind) {
    case "header":
      return tokensInHeader(location.name, location.prefix.toLowerCase(), draft);
    case "parameter":
      return draft.query === "" ? [] : decodedParameters(draft.query, location.name);
    case "cookie":
      return cookieValues(draft.header("cookie"), location.name);
  }
}

/** The prefix may stand anywhere, as in Envoy, and in any case, as schemes may (RFC 9110 §11.1). */
function tokensInHeader(name: string, prefix: string, { fields }: Draft): string[] {
  const found: string[] = [];
  for (const value of valuesOf(fields, name)) {
    const at = prefix === "" ? 0 : value.toLowerCase().indexOf(prefix);
    if (at !== -1) {
      found.push(value.slice(at + prefix.length).trim());
    }
  }
  return found;
}

/** Takes the tokens at a location out of what is sent on. */
export function removeTokens(location: TokenLocation, draft: Draft): void {
  switch (location.kind) {
    case "header":
      draft.removeField(location.name);
      return;
    case "parameter":
      draft.query = withoutParameter(draft.query, location.name);
      return;
    case "cookie": {
      const kept = valuesOf(draft.fields, "cookie").map((field) => withoutCookie(field, location.name));
      draft.removeField("cookie");
      for (const field of kept) {
        if (field !== "") {
          draft.edited.add("cookie", field);
        }
      }
    }
  }
}

function valuesOf({ list }: Fields, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < list.length; index += 2) {
    if (isNamed(list[index], name)) {
      values.push(list[index + 1] ?? "");
    }
  }
  return values;
}
