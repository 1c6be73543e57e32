import type { L7HeaderValue } from "../../../xds/proxy-config.ts";
import { port } from "./lenient.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

/** An external authorizer of MeshConfig, as written, with Istio's defaults. */
export interface AuthorizerInput {
  readonly name: string;
  readonly kind: "http" | "grpc";
  /** `<hostname>` or `<namespace>/<hostname>`. */
  readonly service: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly failOpen: boolean;
  readonly statusOnError: number;
  readonly pathPrefix: string;
  readonly includeRequestHeaders: readonly string[];
  readonly includeAdditionalHeaders: readonly L7HeaderValue[];
  readonly headersToUpstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnDeny: readonly string[];
  readonly maxRequestBytes: number;
  readonly allowPartialMessage: boolean;
  readonly unsupported: readonly string[];
}

/** Istio's default, `MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationHttpProvider`. */
const timeoutDefaultMs = 600_000;
const bodyMax = 1_048_576;

/** Reads `envoyExtAuthzHttp` or `envoyExtAuthzGrpc`. */
export function readAuthorizer(name: string, kind: AuthorizerInput["kind"], outer: FieldReader): AuthorizerInput {
  const unsupported: string[] = [];
  const reader = readFields(outer.value, unsupported, `extensionProviders[${name}]`);
  const status = Number(reader.raw("statusOnError") ?? 403);
  const known = Number.isInteger(status) && status >= 400 && status <= 599;
  if (!known) {
    reader.report("statusOnError");
  }
  const body = reader.object("includeRequestBodyInCheck");
  const lower = (field: string): readonly string[] => reader.list(field).map((header) => header.toLowerCase());
  const written = lower("includeRequestHeadersInCheck");
  const older = lower("includeHeadersInCheck");
  const input: AuthorizerInput = {
    name,
    kind,
    service: reader.text("service").toLowerCase(),
    // Protobuf's JSON lets numbers be quoted.
    port: port(Number(reader.raw("port"))),
    timeoutMs: reader.duration("timeout") || timeoutDefaultMs,
    failOpen: reader.flag("failOpen"),
    statusOnError: known ? status : 403,
    pathPrefix: reader.text("pathPrefix"),
    includeRequestHeaders: written.length > 0 ? written : older,
    includeAdditionalHeaders: reader
      .entries("includeAdditionalHeadersInCheck")
      .flatMap(([header, value]) => (typeof value === "string" ? [{ name: header.toLowerCase(), value }] : [])),
    headersToUpstreamOnAllow: lower("headersToUpstreamOnAllow"),
    headersToDownstreamOnAllow: lower("headersToDownstreamOnAllow"),
    headersToDownstreamOnDeny: lower("headersToDownstreamOnDeny"),
    maxRequestBytes: body === undefined ? 0 : Math.min(body.count("maxRequestBytes") ?? 0, bodyMax),
    allowPartialMessage: body?.flag("allowPartialMessage") === true,
    unsupported,
  };
  body?.rest();
  reader.rest();
  return input;
}
