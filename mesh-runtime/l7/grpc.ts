import type { Fields } from "../http1/index.ts";

/** gRPC over HTTP/2 (grpc.io PROTOCOL-HTTP2) as far as a proxy must know it. */

/** `application/grpc`, `application/grpc+proto`, …; not gRPC-Web. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc(?:$|[+;\s])/i.test(contentType);

/** `grpc-timeout`: at most eight digits, so the unit grows with the time. */
export function formatGrpcTimeout(ms: number): string {
  const left = Math.max(1, Math.floor(ms));
  return left < 1e8 ? `${left}m` : `${Math.min(99_999_999, Math.floor(left / 1_000))}S`;
}

/** Status of an answer of our own (Envoy, `Grpc::Utility::httpToGrpcStatus`). */
export function grpcStatusOf(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** `grpc-status` as a number; -1 when there is none or it is no number. */
export function readGrpcStatus(fields: Fields): number {
  const value = fields.get("grpc-status");
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : -1;
}

/** `grpc-message`: everything but printable ASCII is percent-encoded, as UTF-8. */
export const grpcMessage = (text: string): string =>
  encodeURIComponent(text).replace(/%([2-7][0-9A-F])/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code === 0x25 || code === 0x7f ? whole : String.fromCharCode(code);
  });

/** Counts the messages of one direction by their five-byte prefixes, whatever the frames they come in. */
export class GrpcMessages {
  count = 0;
  /** Bytes of the present message that are still due. */
  #due = 0;
  #prefix = 0;
  #length = 0;

  take(data: Buffer): void {
    let at = 0;
    while (at < data.length) {
      if (this.#due > 0) {
        const step = Math.min(this.#due, data.length - at);
        this.#due -= step;
        at += step;
        continue;
      }
      if (this.#prefix > 0) {
        this.#length = this.#length * 256 + (data[at] ?? 0);
      }
      at++;
      this.#prefix++;
      if (this.#prefix === 5) {
        this.count++;
        this.#due = this.#length;
        this.#prefix = 0;
        this.#length = 0;
      }
    }
  }
}
