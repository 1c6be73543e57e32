import {
  chunkedBody,
  endToEnd,
  type Framing,
  noBody,
  type ResponseHead,
  responseHeadText,
  untilClose,
} from "../http1/index.ts";

/** A response as it goes to the client. */
export interface ForwardedResponse {
  readonly head: string;
  readonly framing: Framing;
  /** The connection ends with this response. */
  readonly close: boolean;
}

/** Writes the head for the client: framing by what the client understands, hop-by-hop fields gone. */
export function forwardResponse(
  response: ResponseHead,
  request: { readonly method: string; readonly minorVersion: 0 | 1 },
  mustClose: boolean,
): ForwardedResponse {
  const fields = endToEnd(response.fields, response.connection);
  const framing = downstreamFraming(response.framing, request.minorVersion);
  if (framing === noBody && (request.method === "HEAD" || response.status === 304)) {
    // Says how long the body would be; there is none (RFC 9110 §8.6).
    const length = response.fields.get("content-length");
    if (length !== undefined) {
      fields.add("content-length", length);
    }
  }
  const close = mustClose || framing.kind === "close" || request.minorVersion === 0;
  const { status, reason } = response;
  return {
    head: responseHeadText({ status, reason, fields, framing, connection: close ? "close" : undefined }),
    framing,
    close,
  };
}

/** The head of an informational response or of 101. */
export function interimText(response: ResponseHead): string {
  const { status, reason } = response;
  const fields = endToEnd(response.fields, response.connection);
  const upgrade = status === 101 ? response.fields.get("upgrade") : undefined;
  if (upgrade !== undefined) {
    fields.add("upgrade", upgrade);
  }
  return responseHeadText({
    status,
    reason,
    fields,
    framing: noBody,
    connection: upgrade === undefined ? undefined : "upgrade",
  });
}

function downstreamFraming(framing: Framing, minorVersion: 0 | 1): Framing {
  switch (framing.kind) {
    case "chunked":
    case "close":
      return minorVersion === 1 ? chunkedBody : untilClose;
    default:
      return framing;
  }
}
