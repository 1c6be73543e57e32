import type { Duplex } from "node:stream";
import type { InboundConnection } from "../hbone/server.ts";
import type { PreparedListeners } from "./prepared-listeners.ts";

/** Where callers come in. */
export interface Front {
  /** Everything that is configured is bound. */
  readonly ready: boolean;
  /** Resolves when what was asked for last is bound, or failed once. */
  readonly settled: Promise<void>;
  readonly openConnections: number;
  /** Callers' mutual TLS connections; none at a gateway. */
  connections(): Iterable<InboundConnection>;
  apply(listeners: PreparedListeners): void;
  /** Asks every second caller to come again, in good order: `retire` ends one stream. Returns how many. */
  shed(retire: (stream: Duplex) => void): number;
  /** Asks callers of these services to come again: `end` ends one stream. A gateway's callers name no service. */
  retire(services: ReadonlySet<string>, end: (stream: Duplex) => void): void;
  /** Takes nothing new, tells open connections so where the protocol can. Resolves when the last has ended. */
  stopListening(): Promise<void>;
  /** Ends what is still open. */
  destroyConnections(): void;
}
