/** External authorizers ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { AuthorizerKind, type AuthorizerSchema, type Authorizer as WireAuthorizer } from "../gen/l7-security_pb.js";
import type { L7Authorizer } from "../proxy-config.ts";
import { closedEnum } from "./closed-enum.ts";
import { headerValueFromWire } from "./filter.ts";
import { filledText, list, milliseconds, status, text, texts, time } from "./limits.ts";

const kinds = closedEnum({ http: AuthorizerKind.HTTP, grpc: AuthorizerKind.GRPC });

/** One provider of `extensionProviders`. */
export const authorizerToWire = (value: L7Authorizer): MessageInitShape<typeof AuthorizerSchema> => ({
  ...value,
  kind: kinds.toWire(value.kind),
  timeoutMs: milliseconds(value.timeoutMs),
  includeRequestHeaders: [...value.includeRequestHeaders],
  includeAdditionalHeaders: [...value.includeAdditionalHeaders],
  headersToUpstreamOnAllow: [...value.headersToUpstreamOnAllow],
  headersToDownstreamOnAllow: [...value.headersToDownstreamOnAllow],
  headersToDownstreamOnDeny: [...value.headersToDownstreamOnDeny],
});

/** And back; throws `MalformedResource`. */
export const authorizerFromWire = (wire: WireAuthorizer): L7Authorizer => ({
  name: filledText(wire.name, "authorizer"),
  kind: kinds.fromWire(wire.kind, `kind of ${wire.name}`),
  cluster: text(wire.cluster, "authorizer cluster"),
  authority: text(wire.authority, "authorizer authority"),
  timeoutMs: time(wire.timeoutMs, `timeout of ${wire.name}`),
  failOpen: wire.failOpen,
  statusOnError: status(wire.statusOnError, `status on error of ${wire.name}`),
  pathPrefix: text(wire.pathPrefix, "path prefix"),
  includeRequestHeaders: texts(wire.includeRequestHeaders, "request headers"),
  includeAdditionalHeaders: list(wire.includeAdditionalHeaders, "additional headers", headerValueFromWire),
  headersToUpstreamOnAllow: texts(wire.headersToUpstreamOnAllow, "upstream headers"),
  headersToDownstreamOnAllow: texts(wire.headersToDownstreamOnAllow, "downstream headers"),
  headersToDownstreamOnDeny: texts(wire.headersToDownstreamOnDeny, "downstream headers"),
  maxRequestBytes: wire.maxRequestBytes,
  allowPartialMessage: wire.allowPartialMessage,
});
