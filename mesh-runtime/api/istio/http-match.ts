/** Which requests a rule of a VirtualService is for. */
import type * as z from "zod";
import { bool, dict, list, str, struct, uint32 } from "../schema/builders.ts";
import { stringMatch } from "./string-match.ts";

export const httpMatch = struct(
  "v1alpha3.HTTPMatchRequest",
  {},
  {
    name: str().describe("Name of the match, for logs."),
    uri: stringMatch.describe("Path, without the query."),
    scheme: stringMatch.describe("`http` or `https`."),
    method: stringMatch.describe("HTTP method."),
    authority: stringMatch.describe("Host of the request."),
    headers: dict(stringMatch).describe("Headers by name in lower case; an empty match is presence."),
    port: uint32().describe("Port that is addressed."),
    sourceLabels: dict(str()).describe("Labels of the calling workload."),
    gateways: list(str()).describe("Gateways that the match is for, in place of the rule's."),
    queryParams: dict(stringMatch).describe("Query parameters by name; an empty match is presence."),
    ignoreUriCase: bool().describe("Letter case of the path does not matter."),
    withoutHeaders: dict(stringMatch).describe("Headers that must not match."),
    sourceNamespace: str().describe("Namespace of the calling workload."),
    statPrefix: str().describe("Name for statistics of the route."),
  },
);

/** All that is named must hold. */
export type HttpMatchRequest = z.infer<typeof httpMatch>;
