import type { Socket } from "node:net";
import { type Http1Error, type RequestHead, RequestReader } from "../http1/index.ts";
import { type ExchangeDeps, HttpExchange } from "./http-exchange.ts";
import { linger } from "./linger.ts";
import { localAnswer } from "./local-answer.ts";

export interface HttpFrontDeps extends Omit<ExchangeDeps, "onTunnel" | "onDone" | "client"> {
  onResult: (...result: Parameters<ExchangeDeps["onDone"]>) => void;
  /** CONNECT: takes the socket over, with what came after the head. */
  onConnect(host: string, port: number, rest: Buffer[]): void;
}

/** A connection waits this long for the rest of a head. */
const headTimeoutMs = 10_000;
/** And this long for the next request. */
const idleTimeoutMs = 300_000;
/** Bytes of later requests that are read while one is under way. */
const pipelinedMax = 64 << 10;

/**
 * The HTTP proxy of one client connection. Each request says by its absolute target where it goes (RFC 9112 §3.2.2), so
 * one connection may name several hosts.
 */
export class HttpFront {
  readonly #client: Socket;
  readonly #deps: HttpFrontDeps;
  readonly #reader: RequestReader;
  #exchange: HttpExchange | undefined;
  /** Read, but not begun: it begins when the reader has returned. */
  #next: HttpExchange | undefined;
  #connect: { readonly host: string; readonly port: number } | undefined;
  #handedOver = false;
  #headTimer: NodeJS.Timeout | undefined;
  /** What came after the head of CONNECT. */
  readonly #rest: Buffer[] = [];
  #closing = false;
  readonly #onData = (chunk: Buffer): void => this.#take(chunk);
  readonly #onEnd = (): void => this.#ended();
  readonly #onClose = (): void => {
    clearTimeout(this.#headTimer);
    this.#exchange?.clientGone();
  };
  readonly #onDrain = (): void => this.#exchange?.clientDrained();
  readonly #onTimeout = (): void => this.#timedOut();

  constructor(client: Socket, first: Buffer, deps: HttpFrontDeps) {
    this.#client = client;
    this.#deps = deps;
    this.#reader = new RequestReader({
      head: (head) => this.#head(head),
      body: (data) => (this.#handedOver ? void this.#rest.push(data) : this.#exchange?.requestBody(data)),
      end: (trailers) => this.#exchange?.requestEnd(trailers),
    });
    client.on("data", this.#onData);
    client.on("end", this.#onEnd);
    client.on("close", this.#onClose);
    client.on("drain", this.#onDrain);
    client.on("timeout", this.#onTimeout);
    client.setTimeout(idleTimeoutMs);
    this.#take(first);
  }

  #take(chunk: Buffer): void {
    if (this.#closing) {
      return;
    }
    this.#after(this.#reader.push(chunk));
    if (this.#reader.heldBytes > pipelinedMax) {
      this.#client.pause();
    }
  }

  /** What the reader's return leads to: it must not be called again from within its own callbacks. */
  #after(error: Http1Error | undefined): void {
    if (error !== undefined) {
      if (this.#exchange === undefined) {
        this.#refuse(error.status, error.message);
      } else {
        this.#exchange.requestBroken(error.status, error.message);
      }
      return;
    }
    const next = this.#next;
    this.#next = undefined;
    next?.start();
    if (this.#connect !== undefined) {
      this.#handOver(this.#connect);
    }
    this.#watchHead();
  }

  /** The time for a head counts from its first byte, however slowly the rest drips in. */
  #watchHead(): void {
    if (this.#reader.inHead) {
      this.#headTimer ??= setTimeout(() => this.#refuse(408, "the head did not arrive in time"), headTimeoutMs);
    } else {
      clearTimeout(this.#headTimer);
      this.#headTimer = undefined;
    }
  }

  #head(head: RequestHead): void {
    const { form, scheme, authority } = head.target;
    const destination = destinationOf(authority);
    if (form === "authority" && destination !== undefined) {
      this.#connect = destination;
      return;
    }
    if (form !== "absolute") {
      this.#refuse(400, "this is the mesh's outbound proxy: send absolute URIs, as clients do when HTTP_PROXY is set");
    } else if (scheme !== "http" || destination === undefined) {
      this.#refuse(400, "only http:// is proxied; use CONNECT for anything else");
    } else {
      this.#client.setTimeout(0);
      this.#exchange = new HttpExchange(
        {
          pod: this.#deps.pod,
          dialer: this.#deps.dialer,
          pool: this.#deps.pool,
          client: this.#client,
          onDone: (result, keep) => {
            this.#exchange = undefined;
            this.#deps.onResult(result, keep);
            this.#done(keep);
          },
          onTunnel: () => void this.#reader.becomeTunnel(),
        },
        head,
        destination.host,
        destination.port,
      );
      this.#next = this.#exchange;
    }
  }

  #done(keep: boolean): void {
    if (!keep || this.#client.readableEnded) {
      this.#close();
      return;
    }
    this.#client.resume();
    this.#client.setTimeout(idleTimeoutMs);
    this.#after(this.#reader.next());
  }

  #handOver({ host, port }: { readonly host: string; readonly port: number }): void {
    this.#handedOver = true;
    this.#client.off("data", this.#onData);
    this.#client.off("end", this.#onEnd);
    this.#client.off("close", this.#onClose);
    this.#client.off("drain", this.#onDrain);
    this.#client.off("timeout", this.#onTimeout);
    this.#client.setTimeout(0);
    this.#client.pause();
    this.#reader.becomeTunnel();
    this.#deps.onConnect(host, port, this.#rest);
  }

  #refuse(status: number, text: string): void {
    if (!this.#closing) {
      this.#client.write(localAnswer(status, text, { close: true }), "latin1");
    }
    this.#close();
  }

  #close(): void {
    if (this.#closing) {
      return;
    }
    this.#closing = true;
    clearTimeout(this.#headTimer);
    this.#client.setTimeout(0);
    linger(this.#client);
  }

  #ended(): void {
    if (this.#exchange !== undefined) {
      this.#exchange.clientEnded();
      return;
    }
    const error = this.#reader.finish();
    if (error !== undefined) {
      this.#refuse(error.status, error.message);
    } else {
      this.#close();
    }
  }

  #timedOut(): void {
    if (this.#exchange === undefined) {
      this.#close();
    }
  }
}

/** `host[:port]` of an absolute target or of CONNECT; the port of plain HTTP when there is none. */
export function destinationOf(authority: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(authority);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 80);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
