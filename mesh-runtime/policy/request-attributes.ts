import type { VerifiedToken } from "./http-model.ts";
import { type IpBytes, parseIp } from "./ip-address.ts";
import { type PrincipalParts, parsePrincipal } from "./principal.ts";

/** What a layer 7 proxy knows of a request. */
export interface RequestAttributes {
  /** `cluster.local/ns/<ns>/sa/<sa>` proven by mutual TLS (no scheme); absent on plain text. */
  readonly sourcePrincipal?: string | undefined;
  /** The peer's address. */
  readonly sourceIp: string;
  /** The original client's address when trusted proxies named it; the peer's otherwise. */
  readonly remoteIp?: string | undefined;
  readonly destinationIp: string;
  /** The listener's or service's port. */
  readonly destinationPort: number;
  readonly method: string;
  /** Host as sent, port included. */
  readonly host: string;
  /** Normalized (`normalize-path.ts`), without query. */
  readonly path: string;
  /** Value of a header by its lower-case name, repeated ones joined by `,`; `undefined` when absent. */
  header(name: string): string | undefined;
  /** Of a token that was verified; absent without one. */
  readonly token?: VerifiedToken | undefined;
  /** Server name of the TLS connection; empty or absent on others. */
  readonly sni?: string | undefined;
  /** What `prepareConnection` made of principal and addresses; without it they are parsed when a policy asks. */
  readonly connection?: PreparedConnection | undefined;
}

/** What is known of a connection that carries no HTTP. */
export type TcpAttributes = Omit<RequestAttributes, "method" | "host" | "path" | "header" | "token">;

/** Principal and addresses of a connection, parsed once for all of its requests. */
export interface PreparedConnection {
  readonly parts: PrincipalParts | undefined;
  readonly sourceIp: IpBytes | undefined;
  readonly destinationIp: IpBytes | undefined;
}

/** Parses what all requests of a connection share. */
export const prepareConnection = ({
  sourcePrincipal,
  sourceIp,
  destinationIp,
}: Pick<RequestAttributes, "sourcePrincipal" | "sourceIp" | "destinationIp">): PreparedConnection => ({
  parts: sourcePrincipal === undefined ? undefined : parsePrincipal(sourcePrincipal),
  sourceIp: parseIp(sourceIp),
  destinationIp: parseIp(destinationIp),
});
