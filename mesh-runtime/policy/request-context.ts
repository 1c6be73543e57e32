import { type IpBytes, parseIp } from "./ip-address.ts";
import { type PrincipalParts, parsePrincipal } from "./principal.ts";
import type { RequestAttributes } from "./request-attributes.ts";

/** A request while it is judged. What needs work is worked out when a policy first asks for it. */
export class RequestContext {
  readonly attributes: RequestAttributes;
  #parts: PrincipalParts | null | undefined;
  #account: string | undefined;
  #host: string | undefined;
  #sourceIp: IpBytes | null | undefined;
  #remoteIp: IpBytes | null | undefined;
  #destinationIp: IpBytes | null | undefined;

  constructor(attributes: RequestAttributes) {
    this.attributes = attributes;
  }

  get principal(): string | undefined {
    return this.attributes.sourcePrincipal;
  }

  /** Of a principal in Istio's form. */
  get parts(): PrincipalParts | undefined {
    const { connection, sourcePrincipal } = this.attributes;
    if (connection !== undefined) {
      return connection.parts;
    }
    if (this.#parts === undefined) {
      this.#parts = (sourcePrincipal === undefined ? undefined : parsePrincipal(sourcePrincipal)) ?? null;
    }
    return this.#parts ?? undefined;
  }

  /** `<namespace>/<service account>` of the caller. */
  get account(): string | undefined {
    if (this.#account === undefined) {
      const parts = this.parts;
      this.#account = parts === undefined ? undefined : `${parts.namespace}/${parts.serviceAccount}`;
    }
    return this.#account;
  }

  /** In lower case, port included. */
  get host(): string {
    this.#host ??= this.attributes.host.toLowerCase();
    return this.#host;
  }

  get sourceIp(): IpBytes | undefined {
    const { connection, sourceIp } = this.attributes;
    if (connection !== undefined) {
      return connection.sourceIp;
    }
    if (this.#sourceIp === undefined) {
      this.#sourceIp = parseIp(sourceIp) ?? null;
    }
    return this.#sourceIp ?? undefined;
  }

  /** The peer's address where no trusted proxy named another one. */
  get remoteIp(): IpBytes | undefined {
    const { remoteIp } = this.attributes;
    if (remoteIp === undefined) {
      return this.sourceIp;
    }
    if (this.#remoteIp === undefined) {
      this.#remoteIp = parseIp(remoteIp) ?? null;
    }
    return this.#remoteIp ?? undefined;
  }

  get destinationIp(): IpBytes | undefined {
    const { connection, destinationIp } = this.attributes;
    if (connection !== undefined) {
      return connection.destinationIp;
    }
    if (this.#destinationIp === undefined) {
      this.#destinationIp = parseIp(destinationIp) ?? null;
    }
    return this.#destinationIp ?? undefined;
  }

  /** In lower case, as Envoy's listener gives it; absent without TLS. */
  get sni(): string | undefined {
    return this.attributes.sni === "" ? undefined : this.attributes.sni?.toLowerCase();
  }
}
