/** Matches of an HTTPRoute rule. */
import type * as z from "zod";
import { keyed, list, oneOf, rules, str, struct } from "../schema/builders.ts";
import { headerNamePattern } from "./names.ts";

const pathCharacters = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";

interface PathValue {
  type?: string | undefined;
  value?: string | undefined;
}

const literal = (self: PathValue) => self.type === "Exact" || self.type === "PathPrefix";

/** A rule for literal paths; regular expressions are free. */
const literalPath = (message: string, holds: (value: string) => boolean) => ({
  message,
  check: (self: PathValue) => !literal(self) || holds(self.value ?? ""),
});

const without = (part: string) =>
  literalPath(`must not contain '${part}' when type one of ['Exact', 'PathPrefix']`, (value) => !value.includes(part));
const endingWithout = (part: string) =>
  literalPath(`must not end with '${part}' when type one of ['Exact', 'PathPrefix']`, (value) => !value.endsWith(part));

const path = rules(
  struct(
    "v1.HTTPPathMatch",
    {},
    {
      type: oneOf(["Exact", "PathPrefix", "RegularExpression"], { default: "PathPrefix" }),
      value: str({ default: "/", maxLength: 1024 }),
    },
    { default: { type: "PathPrefix", value: "/" } },
  ),
  literalPath("value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']", (value) =>
    value.startsWith("/"),
  ),
  without("//"),
  without("/./"),
  without("/../"),
  without("%2f"),
  without("%2F"),
  without("#"),
  endingWithout("/.."),
  endingWithout("/."),
  {
    message: "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
    check: (self) => literal(self) || self.type === "RegularExpression",
  },
  literalPath(
    `must only contain valid characters (matching ${pathCharacters}) for types ['Exact', 'PathPrefix']`,
    (value) => new RegExp(pathCharacters).test(value),
  ),
);

/** A header or query parameter by name and value. */
export const valueMatch = (goType: string, maxLength: number) =>
  struct(
    goType,
    {
      name: str({ minLength: 1, maxLength: 256, pattern: headerNamePattern }),
      value: str({ minLength: 1, maxLength }),
    },
    { type: oneOf(["Exact", "RegularExpression"], { default: "Exact" }) },
  );

/** All that is named must hold. */
export const httpRouteMatch = struct(
  "v1.HTTPRouteMatch",
  {},
  {
    path: path.describe("Path; everything below `/` by default."),
    headers: keyed(valueMatch("v1.HTTPHeaderMatch", 4096), ["name"], { maxItems: 16 }).describe("All must match."),
    queryParams: keyed(valueMatch("v1.HTTPQueryParamMatch", 1024), ["name"], { maxItems: 16 }).describe(
      "All must match.",
    ),
    method: oneOf(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]),
  },
);

export const matches = list(httpRouteMatch, { maxItems: 64, default: [{ path: { type: "PathPrefix", value: "/" } }] });

/** What a literal path of a filter or an authorizer may consist of. */
export const pathPattern = pathCharacters;

export type HttpRouteMatch = z.infer<typeof httpRouteMatch>;
