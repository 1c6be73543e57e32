import type { Fields, Framing } from "../http1/index.ts";
import type { ClientFacts } from "./plan-request.ts";

/** The client's connection, as an exchange uses it. */
export interface ClientSide extends ClientFacts {
  /** The Gateway's port. */
  readonly port: number;
  /** False when the connection must end with this response. */
  readonly keepAlive: boolean;
  /** Writes a head, or a whole answer, given as latin1 text. */
  write(text: string): void;
  /** False: wait for `Exchange.clientDrained`. */
  writeBody(framing: Framing, data: Buffer): boolean;
  writeEnd(framing: Framing, trailers: Fields): void;
  pause(): void;
  resume(): void;
  becomeTunnel(): void;
  /** The exchange is over: in good order, or with the connection's end. */
  finished(close: boolean): void;
  /** The response cannot be completed: break the connection so that the client notices. */
  breakOff(): void;
}
