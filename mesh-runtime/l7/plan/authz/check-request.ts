import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Draft } from "../draft.ts";
import { type CheckedBody, partialBodyField } from "./checked-body.ts";
import { CheckRequestSchema } from "./gen/external-auth_pb.js";

/**
 * The question as Envoy asks it (`envoy.service.auth.v3.CheckRequest`). Only what is proven or judged is told: principals
 * by mutual TLS, the normalized path.
 */
export function encodeCheckRequest(draft: Draft, body: CheckedBody | undefined, nowMs: number): Uint8Array {
  const { request, peer, caller } = draft;
  const path = draft.path + draft.query;
  const principal = peer.principal === undefined ? "" : `spiffe://${peer.principal}`;
  const message = create(CheckRequestSchema, {
    attributes: {
      source: {
        address: addressOf(peer.sourceIp, 0),
        service: caller.identity,
        principal,
        labels: peer.workload === undefined ? {} : labelsOf(peer.workload),
      },
      destination: { address: addressOf(peer.destinationIp, draft.port) },
      request: {
        time: timestampFromMs(nowMs),
        http: {
          id: draft.header("x-request-id") ?? "",
          method: draft.method,
          headers: headersOf(draft, path, body),
          path,
          host: draft.authority,
          scheme: draft.scheme,
          size: request.body.kind === "length" ? BigInt(request.body.length) : request.body.kind === "none" ? 0n : -1n,
          protocol: request.protocol,
          body: body === undefined ? "" : body.data.toString("utf8"),
        },
      },
      tlsSession: { sni: peer.sni },
    },
  });
  return toBinary(CheckRequestSchema, message);
}

const addressOf = (address: string, portValue: number) => ({ socketAddress: { protocol: 0, address, portValue } });

const labelsOf = ({ namespace, canonicalName, canonicalRevision }: NonNullable<Draft["peer"]["workload"]>) => ({
  namespace,
  app: canonicalName,
  version: canonicalRevision,
});

/** By lower-case name with pseudo-headers, repeated ones joined, as UTF-8. */
function headersOf(draft: Draft, path: string, body: CheckedBody | undefined): Record<string, string> {
  const headers = new Map<string, string>([
    [":method", draft.method],
    [":path", path],
    [":authority", draft.authority],
    [":scheme", draft.scheme],
  ]);
  const { list } = draft.fields;
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] ?? "").toLowerCase();
    const value = utf8(list[index + 1] ?? "");
    const former = headers.get(name);
    headers.set(name, former === undefined ? value : `${former},${value}`);
  }
  for (const name of ["content-length", "transfer-encoding"]) {
    const value = draft.header(name);
    if (value !== undefined) {
      headers.set(name, value);
    }
  }
  if (body === undefined) {
    headers.delete(partialBodyField);
  } else {
    headers.set(partialBodyField, String(body.partial));
  }
  return Object.fromEntries(headers);
}

const notAscii = /[^\t\x20-\x7e]/;

/** Field values are bytes as latin1 text; protobuf carries UTF-8. */
const utf8 = (value: string): string => (notAscii.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value);
