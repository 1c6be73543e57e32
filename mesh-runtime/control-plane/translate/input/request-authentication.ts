import { publicKeySet } from "./key-set.ts";
import { fields, type Meta, readMeta } from "./lenient.ts";
import { type AttachmentInput, readAttachment } from "./target-refs.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

/** A token issuer, as written. */
export interface JwtRuleInput {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Public keys of the inline key set; empty when none is written or it holds none. */
  readonly jwks: string;
  /** The keys are inline. */
  readonly inline: boolean;
  /** Why the inline set holds no keys; empty when it does. */
  readonly inlineProblem: string;
  /** Empty when it is not written. Without either the issuer's discovery document is asked. */
  readonly jwksUri: string;
  readonly timeoutMs: number;
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[];
  readonly fromParams: readonly string[];
  readonly fromCookies: readonly string[];
  readonly forwardOriginalToken: boolean;
  readonly outputPayloadToHeader: string;
  readonly outputClaimToHeaders: readonly { readonly header: string; readonly claim: string }[];
  /** Something in the rule is not understood: no token of the issuer can be trusted to mean what was asked. */
  readonly closed: boolean;
}

/** What the mesh needs to know of a RequestAuthentication. */
export interface RequestAuthenticationInput
  extends Pick<Meta, "namespace" | "name" | "generation" | "createdAtMs">,
    AttachmentInput {
  readonly rules: readonly JwtRuleInput[];
  readonly unsupported: readonly string[];
}

const fetchTimeoutMs = 5_000;
const fetchTimeoutMaxMs = 30_000;

/** Reads a RequestAuthentication. */
export function readRequestAuthentication(object: unknown): RequestAuthenticationInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const unsupported: string[] = [];
  const spec = readFields(fields(object)["spec"], unsupported);
  for (const name of ["targetRefs", "targetRef", "selector"]) {
    spec.raw(name);
  }
  const rules = spec.objects("jwtRules").map((rule): JwtRuleInput => readRule(rule, unsupported));
  spec.rest();
  return {
    namespace,
    name,
    generation,
    createdAtMs,
    ...readAttachment(fields(fields(object)["spec"])),
    rules,
    unsupported,
  };
}

function readRule(outer: FieldReader, unsupported: string[]): JwtRuleInput {
  const strange: string[] = [];
  const reader = outer.again(strange);
  const fromHeaders = reader.objects("fromHeaders").map((header) => {
    const read = { name: header.text("name").toLowerCase(), prefix: header.text("prefix") };
    header.rest();
    return read;
  });
  const fromParams = reader.list("fromParams");
  const fromCookies = reader.list("fromCookies");
  const inline = publicKeySet(reader.text("jwks"));
  // Istio "JWTRule": where nothing is said, the bearer token and the query parameter of RFC 6750.
  const standard = fromHeaders.length + fromParams.length + fromCookies.length === 0;
  const rule: JwtRuleInput = {
    issuer: reader.text("issuer"),
    audiences: reader.list("audiences"),
    jwks: "jwks" in inline ? inline.jwks : "",
    inline: reader.has("jwks"),
    inlineProblem: reader.has("jwks") && "problem" in inline ? inline.problem : "",
    jwksUri: reader.text("jwksUri") || reader.text("jwks_uri"),
    timeoutMs: Math.min(reader.duration("timeout") || fetchTimeoutMs, fetchTimeoutMaxMs),
    fromHeaders: standard ? [{ name: "authorization", prefix: "Bearer " }] : fromHeaders,
    fromParams: standard ? ["access_token"] : fromParams,
    fromCookies,
    forwardOriginalToken: reader.flag("forwardOriginalToken"),
    outputPayloadToHeader: reader.text("outputPayloadToHeader").toLowerCase(),
    outputClaimToHeaders: reader.objects("outputClaimToHeaders").map((entry) => {
      const read = { header: entry.text("header").toLowerCase(), claim: entry.text("claim") };
      entry.rest();
      return read;
    }),
    closed: false,
  };
  if (reader.has("jwks_uri") && rule.jwksUri !== reader.text("jwks_uri")) {
    reader.report("jwks_uri");
  }
  if (rule.issuer === "") {
    reader.report("issuer", "is needed");
  }
  reader.rest();
  for (const path of strange) {
    unsupported.push(path);
  }
  return strange.length === 0 ? rule : { ...rule, closed: true };
}
