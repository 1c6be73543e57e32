/** A rule for HTTP of a VirtualService. */
import type * as z from "zod";
import { bool, dict, int32, list, nullable, oneOf, str, struct, uint32 } from "../schema/builders.ts";
import { duration } from "./duration.ts";
import { httpFault, percent } from "./http-fault.ts";
import { httpMatch } from "./http-match.ts";
import { destination, stringMatch } from "./string-match.ts";

const headerOperations = struct(
  "v1alpha3.Headers_HeaderOperations",
  {},
  {
    set: dict(str()).describe("Headers to overwrite."),
    add: dict(str()).describe("Headers to add to."),
    remove: list(str()).describe("Headers to take away."),
  },
);
const headers = struct("v1alpha3.Headers", {}, { request: headerOperations, response: headerOperations });

const httpDestination = struct(
  "v1alpha3.HTTPRouteDestination",
  { destination },
  {
    weight: int32().describe("Share of requests among the destinations."),
    headers: headers.describe("Changes of headers for this destination."),
  },
);

const redirect = struct(
  "v1alpha3.HTTPRedirect",
  {},
  {
    uri: str().describe("Path of the location; `%PREFIX()%` is the part after the matched prefix."),
    authority: str().describe("Host of the location."),
    port: uint32().describe("Port of the location."),
    derivePort: oneOf(["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"]),
    scheme: str().describe("Scheme of the location."),
    redirectCode: uint32().describe("301 by default."),
  },
  { exclusive: [["port", "derivePort"]] },
);

const directResponse = struct(
  "v1alpha3.HTTPDirectResponse",
  { status: uint32().describe("Status to answer with.") },
  {
    body: struct(
      "v1alpha3.HTTPBody",
      {},
      { string: str(), bytes: str({ format: "byte" }).describe("Base64.") },
      { exclusive: [["string", "bytes"]] },
    ),
  },
);

const rewrite = struct(
  "v1alpha3.HTTPRewrite",
  {},
  {
    uri: str().describe("Replaces the path, or the matched prefix of it."),
    authority: str().describe("Replaces the host."),
    uriRegexRewrite: struct(
      "v1alpha3.RegexRewrite",
      {},
      {
        match: str().describe("An RE2 expression."),
        rewrite: str().describe("The text in its place; `\\1` is a group."),
      },
    ),
  },
);

const retries = struct(
  "v1alpha3.HTTPRetry",
  {},
  {
    attempts: int32().describe("How often to try again; 0 is never."),
    perTryTimeout: duration().describe("For one try."),
    retryOn: str().describe("Conditions and status codes, separated by commas."),
    retryRemoteLocalities: nullable(bool()).describe("Whether tries may go to other places."),
    retryIgnorePreviousHosts: nullable(bool()).describe("Whether tries avoid endpoints that failed; true by default."),
    backoff: duration().describe("Least time between tries; 25ms by default."),
  },
);

const cors = struct(
  "v1alpha3.CorsPolicy",
  {},
  {
    allowOrigin: list(str()).describe("Deprecated: use allowOrigins."),
    allowOrigins: list(stringMatch),
    allowMethods: list(str()),
    allowHeaders: list(str()),
    exposeHeaders: list(str()),
    maxAge: duration().describe("How long a preflight's answer holds."),
    allowCredentials: nullable(bool()),
    unmatchedPreflights: oneOf(["UNSPECIFIED", "FORWARD", "IGNORE"]),
  },
);

export const httpRule = struct(
  "v1alpha3.HTTPRoute",
  {},
  {
    name: str().describe("Name of the rule, for logs."),
    match: list(httpMatch).describe("The rule applies when one of these does; to all requests by default."),
    route: list(httpDestination).describe("Where requests go, by weight."),
    redirect: redirect.describe("Answers with another location."),
    directResponse: directResponse.describe("Answers by itself."),
    delegate: struct("v1alpha3.Delegate", {}, { name: str(), namespace: str() }).describe(
      "Another VirtualService that goes on.",
    ),
    rewrite: rewrite.describe("Changes host or path on the way."),
    timeout: duration().describe("For the whole request, retries included; none by default."),
    retries: retries.describe("When and how often to try again."),
    fault: httpFault.describe("Faults for tests."),
    mirror: destination.clone().describe("Gets a copy of requests; its answers are ignored."),
    mirrors: list(
      struct("v1alpha3.HTTPMirrorPolicy", { destination }, { percentage: percent.describe("All by default.") }),
    ).describe("Get copies of requests."),
    mirrorPercent: nullable(uint32()).describe("Deprecated: use mirrorPercentage."),
    mirror_percent: nullable(uint32()).describe("Deprecated: use mirrorPercentage."),
    mirrorPercentage: percent.clone().describe("Share of requests to copy; all by default."),
    corsPolicy: cors.describe("Answers browsers that ask across origins."),
    headers: headers.describe("Changes of headers."),
  },
);

export type VirtualServiceHttpRule = z.infer<typeof httpRule>;
export type VirtualServiceHttpDestination = z.infer<typeof httpDestination>;
export type HeaderOperations = z.infer<typeof headerOperations>;
export type HttpRetries = z.infer<typeof retries>;
export type HttpRedirect = z.infer<typeof redirect>;
export type HttpRewrite = z.infer<typeof rewrite>;
export type CorsPolicy = z.infer<typeof cors>;
export type DirectResponse = z.infer<typeof directResponse>;
