/** Filters of an HTTPRoute rule or of one of its backends. */
import type * as z from "zod";
import { bool, int, int32, keyed, list, oneOf, refine, rules, set, str, struct } from "../schema/builders.ts";
import { pathPattern } from "./http-match.ts";
import {
  backendObjectReference,
  group,
  headerNamePattern,
  kind,
  objectName,
  portNumber,
  preciseHostname,
} from "./names.ts";

const headerName = () => str({ minLength: 1, maxLength: 256, pattern: headerNamePattern });
const headers = () =>
  keyed(struct("v1.HTTPHeader", { name: headerName(), value: str({ minLength: 1, maxLength: 4096 }) }, {}), ["name"], {
    maxItems: 16,
  });
/** Changes of headers. */
export const headerModifier = struct(
  "v1.HTTPHeaderFilter",
  {},
  {
    set: headers().describe("Headers to overwrite."),
    add: headers().describe("Headers to add to."),
    remove: set(str(), { maxItems: 16 }).describe("Names of headers to take away."),
  },
);

const replacement = struct(
  "v1.HTTPPathModifier",
  { type: oneOf(["ReplaceFullPath", "ReplacePrefixMatch"]) },
  { replaceFullPath: str({ maxLength: 1024 }), replacePrefixMatch: str({ maxLength: 1024 }) },
);
const pathModifier = rules(
  replacement,
  ...(["ReplaceFullPath", "ReplacePrefixMatch"] as const).flatMap((type) => {
    const field = type === "ReplaceFullPath" ? "replaceFullPath" : "replacePrefixMatch";
    return [
      {
        message: `${field} must be specified when type is set to '${type}'`,
        check: (self: z.infer<typeof replacement>) => self.type !== type || self[field] !== undefined,
      },
      {
        message: `type must be '${type}' when ${field} is set`,
        check: (self: z.infer<typeof replacement>) => self[field] === undefined || self.type === type,
      },
    ];
  }),
);

const redirect = struct(
  "v1.HTTPRequestRedirectFilter",
  {},
  {
    scheme: oneOf(["http", "https"]).describe("Scheme of the location."),
    hostname: preciseHostname(),
    path: pathModifier.describe("How to change the path."),
    port: portNumber().describe("Port of the location."),
    statusCode: refine(int(), { default: 302, enum: [301, 302] }).describe("301 or 302."),
  },
);

const rewrite = struct("v1.HTTPURLRewriteFilter", {}, { hostname: preciseHostname(), path: pathModifier });

/** A copy of requests for another back end. */
export const mirror = rules(
  struct(
    "v1.HTTPRequestMirrorFilter",
    { backendRef: backendObjectReference },
    {
      percent: int32({ minimum: 0, maximum: 100 }).describe("Share of requests to copy; all by default."),
      fraction: rules(
        struct(
          "v1.Fraction",
          { numerator: int32({ minimum: 0 }) },
          { denominator: int32({ default: 100, minimum: 1 }) },
        ),
        {
          message: "numerator must be less than or equal to denominator",
          check: (self) => self.numerator <= (self.denominator ?? 100),
        },
      ),
    },
  ),
  {
    message: "Only one of percent or fraction may be specified in HTTPRequestMirrorFilter",
    check: (self) => self.percent === undefined || self.fraction === undefined,
  },
);

const noStarAmong = (field: string, what: string) => ({
  message: `${field} cannot contain '*' alongside other ${what}`,
  check: (self: readonly string[]) => !self.includes("*") || self.length <= 1,
});

const cors = struct(
  "v1.HTTPCORSFilter",
  {},
  {
    allowOrigins: rules(
      set(
        str({
          minLength: 1,
          maxLength: 253,
          pattern: "(^\\*$)|(^([a-zA-Z][a-zA-Z0-9+\\-.]+):\\/\\/([^:/?#]+)(:([0-9]{1,5}))?$)",
        }),
        { maxItems: 64 },
      ),
      noStarAmong("AllowOrigins", "origins"),
    ),
    allowCredentials: bool().describe("Whether cookies may be sent along."),
    allowMethods: rules(
      set(oneOf(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"]), {
        maxItems: 9,
      }),
      noStarAmong("AllowMethods", "methods"),
    ),
    allowHeaders: set(headerName(), { maxItems: 64 }).describe("Request headers that may be sent."),
    exposeHeaders: set(headerName(), { maxItems: 64 }).describe("Response headers that may be read."),
    maxAge: int32({ default: 5, minimum: 1 }).describe("Seconds that a preflight's answer holds."),
  },
);

const authorizer = struct(
  "v1.HTTPExternalAuthFilter",
  { protocol: oneOf(["HTTP", "GRPC"]), backendRef: backendObjectReference },
  {
    grpc: struct("v1.GRPCAuthConfig", {}, { allowedHeaders: set(str()) }),
    http: struct(
      "v1.HTTPAuthConfig",
      {},
      {
        path: str({ maxLength: 1024, pattern: pathPattern }),
        allowedHeaders: set(str()),
        allowedResponseHeaders: set(str()),
      },
    ),
    forwardBody: struct("v1.ForwardBodyConfig", {}, { maxSize: int() }),
  },
);
const externalAuth = rules(
  authorizer,
  ...(["GRPC", "HTTP"] as const).flatMap((protocol) => {
    const field = protocol === "GRPC" ? "grpc" : "http";
    return [
      {
        message: `${field} must be specified when protocol is set to '${protocol}'`,
        check: (self: z.infer<typeof authorizer>) => self.protocol !== protocol || self[field] !== undefined,
      },
      {
        message: `protocol must be '${protocol}' when ${field} is set`,
        check: (self: z.infer<typeof authorizer>) => self[field] === undefined || self.protocol === protocol,
      },
    ];
  }),
);

/** An extension by reference. */
export const extensionRef = struct("v1.LocalObjectReference", { group: group(), kind: kind(), name: objectName() }, {});

/** Filter types and the field that carries each one's settings. */
const fieldOfType = {
  RequestHeaderModifier: "requestHeaderModifier",
  ResponseHeaderModifier: "responseHeaderModifier",
  RequestMirror: "requestMirror",
  RequestRedirect: "requestRedirect",
  URLRewrite: "urlRewrite",
  ExtensionRef: "extensionRef",
  CORS: "cors",
  ExternalAuth: "externalAuth",
} as const;

const anyFilter = struct(
  "v1.HTTPRouteFilter",
  {
    type: oneOf([
      "RequestHeaderModifier",
      "ResponseHeaderModifier",
      "RequestMirror",
      "RequestRedirect",
      "URLRewrite",
      "ExtensionRef",
      "CORS",
      "ExternalAuth",
    ]),
  },
  {
    requestHeaderModifier: headerModifier.describe("Changes headers of requests."),
    responseHeaderModifier: headerModifier.describe("Changes headers of responses."),
    requestMirror: mirror.describe("Sends a copy to another back end, whose answer is ignored."),
    requestRedirect: redirect.describe("Answers with another location."),
    urlRewrite: rewrite.describe("Changes host or path on the way."),
    extensionRef,
    cors: cors.describe("Answers browsers that ask across origins."),
    externalAuth: externalAuth.describe("Asks another service whether the request may pass."),
  },
);

/** A filter of an HTTPRoute. */
export type HttpFilter = z.infer<typeof anyFilter>;

/** Each type has its own field, and only that one. */
export function typeRules<F extends { type: string }>(fieldOf: Readonly<Record<string, keyof F & string>>) {
  return Object.entries(fieldOf).flatMap(([type, field]) => [
    {
      message: `filter.${field} must be nil if the filter.type is not ${type}`,
      check: (self: F) => self[field] === undefined || self.type === type,
    },
    {
      message: `filter.${field} must be specified for ${type} filter.type`,
      check: (self: F) => self[field] !== undefined || self.type !== type,
    },
  ]);
}

/** At most one filter of a type. */
export const onceRule = (type: string) => ({
  message: `${type} filter cannot be repeated`,
  check: (self: readonly { type: string }[]) => countOf(self, type) <= 1,
});

const filter = rules(anyFilter, ...typeRules<HttpFilter>(fieldOfType));

const countOf = (self: readonly { type: string }[], type: string) => self.filter((f) => f.type === type).length;

export const filters = rules(
  list(filter, { maxItems: 16 }),
  {
    message: "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both",
    check: (self) => countOf(self, "RequestRedirect") === 0 || countOf(self, "URLRewrite") === 0,
  },
  ...["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite"].map(onceRule),
);
