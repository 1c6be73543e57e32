/** security.istio.io/v1 RequestAuthentication: schema and type. */
import type * as z from "zod";
import { duration } from "./istio/duration.ts";
import { oneSelection, policyTargetReference, targetReferences, workloadSelector } from "./istio/selection.ts";
import { istioStatus } from "./istio/status.ts";
import { bool, list, rules, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

/** CEL's `url(self).getScheme()`: what stands before the first colon of an absolute URL. */
const scheme = /^([a-z][a-z0-9+.-]*):/i;

const keySetUrl = () =>
  rules(str({ minLength: 1, maxLength: 2048 }), {
    message: "url must have scheme http:// or https://",
    check: (self) => ["http", "https"].includes(scheme.exec(self)?.[1]?.toLowerCase() ?? ""),
  });

const word = () => str({ minLength: 1 });

const jwtRule = rules(
  struct(
    "v1beta1.JWTRule",
    {},
    {
      issuer: word().describe("The `iss` that tokens must have."),
      audiences: list(word()).describe("One of these must be among a token's `aud`."),
      jwksUri: keySetUrl().describe("Where the keys are; read by the control plane."),
      jwks_uri: keySetUrl().describe("The same as jwksUri."),
      jwks: str().describe("The keys themselves, as a JSON Web Key Set."),
      fromHeaders: list(
        struct("v1beta1.JWTHeader", { name: word() }, { prefix: str().describe("Text before the token.") }),
      ).describe("Headers that carry tokens; by default `authorization: Bearer`."),
      fromParams: list(word()).describe("Query parameters that carry tokens; `access_token` by default."),
      fromCookies: list(word()).describe("Cookies that carry tokens."),
      outputPayloadToHeader: str().describe("Header that gets the verified payload, base64url."),
      outputClaimToHeaders: list(
        struct(
          "v1beta1.ClaimToHeader",
          { header: str({ minLength: 1, pattern: "^[-_A-Za-z0-9]+$" }), claim: word() },
          {},
        ),
      ).describe("Headers that get single claims."),
      forwardOriginalToken: bool().describe("Whether the token goes on to the service."),
      timeout: duration().describe("For reading the keys; 5s by default."),
      spaceDelimitedClaims: list(word(), { maxItems: 64 }).describe(
        "Claims beside `scope` whose text is a list, separated by blanks.",
      ),
    },
  ),
  {
    message: "only one of jwks or jwksUri can be set",
    check: (self) => [self.jwksUri, self.jwks_uri, self.jwks].filter((way) => way !== undefined).length <= 1,
  },
);

const requestAuthenticationSpec = rules(
  struct(
    "v1beta1.RequestAuthentication",
    {},
    {
      selector: workloadSelector.describe("Workloads that the rules act on; no effect without a sidecar."),
      targetRef: policyTargetReference.clone().describe("One target; prefer targetRefs."),
      targetRefs: targetReferences.describe("Services or gateways that the rules act on, at their waypoint."),
      jwtRules: list(jwtRule, { maxItems: 4096 }).describe(
        "Tokens that are understood. A request with a bad one is refused; one without any passes.",
      ),
    },
  ),
  oneSelection,
);

export const requestAuthenticationSchema = object(
  "RequestAuthentication",
  "security.istio.io/v1",
  "v1.RequestAuthentication",
  {},
  { spec: requestAuthenticationSpec.describe("Which tokens are understood."), status: istioStatus },
);

export type RequestAuthentication = z.infer<typeof requestAuthenticationSchema>;
export type JwtRule = z.infer<typeof jwtRule>;
