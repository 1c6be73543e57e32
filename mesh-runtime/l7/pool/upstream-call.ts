import type { Fields } from "../../http1/index.ts";
import type { HttpRequest } from "../http-request.ts";
import type { HttpResponse } from "../http-response.ts";
import type { Endpoint } from "../mesh-view.ts";
import type { UpstreamError } from "./upstream-error.ts";

/** A request as it goes to an endpoint. */
export interface OutgoingRequest {
  readonly method: string;
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
  /** End-to-end fields. */
  readonly fields: Fields;
  readonly body: HttpRequest["body"];
  /** Protocol to switch to. */
  readonly upgrade: string | undefined;
  readonly grpc: boolean;
}

/** Who made a request hears of its answer. After `onEnd` and `onFailed` nothing more comes. */
export interface UpstreamListener {
  /** An informational answer, but for 101. */
  onInterim(status: number, fields: Fields): void;
  onHead(response: HttpResponse): void;
  onBody(data: Buffer): void;
  onEnd(trailers: Fields): void;
  /** The request's body may go on. */
  onDrain(): void;
  onFailed(error: UpstreamError): void;
}

/** One request to an endpoint, on a connection of its own for the time (HTTP/1) or on a stream (HTTP/2). */
export interface UpstreamCall {
  readonly endpoint: Endpoint;
  /** Bytes that wait in either direction. */
  readonly heldBytes: number;
  /** Sends the head. Body and end follow; `end` is needed for requests without a body too. */
  begin(request: OutgoingRequest, listener: UpstreamListener): void;
  /** False: wait for `onDrain`. */
  write(data: Buffer): boolean;
  end(trailers: Fields): void;
  /** Stops and goes on with reading the answer. */
  pause(): void;
  resume(): void;
  /** Gives up; the listener hears nothing more. */
  abort(): void;
  /** The exchange is over in good order: the connection may carry another. */
  release(): void;
}

/** Who waits for a connection. */
export interface CallWaiter {
  onCall(call: UpstreamCall): void;
  onNoCall(error: UpstreamError): void;
}
