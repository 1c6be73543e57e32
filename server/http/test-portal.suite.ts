/** The API of releases over HTTP: real routes, a real database and the real API server; the clock is the test's. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { makeToken } from "@/server/auth/api-tokens.ts";
import { SessionCache } from "@/server/auth/session-cache.ts";
import { openSession, personParts, toSignedIn } from "@/server/auth/sessions.ts";
import { silent } from "@/server/changes/test-changes.suite.ts";
import type { TokenScope } from "@/server/contracts/api-tokens.ts";
import type { Portal } from "@/server/portal.ts";
import { TestRollouts } from "@/server/rollouts/test-rollouts.suite.ts";
import { answer } from "./router.ts";
import { routes } from "./routes.ts";

/** Waits for its gate at the first step. */
export const gated = {
  steps: [
    { weight: 10, analysis: false, gate: true },
    { weight: 100, analysis: false },
  ],
};

export class TestPortal {
  readonly world: TestRollouts;
  readonly portal: Portal;
  readonly url: string;
  /** Authorization headers that came in, newest last. */
  readonly authorizations: string[] = [];
  readonly #server: Server;
  /** Paths that are being answered. */
  readonly #open = new Set<string>();
  readonly #opened = new Set<() => void>();
  readonly #cookies = new Map<string, string>();

  private constructor(world: TestRollouts, server: Server) {
    this.world = world;
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    const { company, rollouts } = world;
    const { db } = company.database;
    this.portal = {
      config: { port, portalUrl: this.url, version: "0.0.0-test" },
      ...{ db, rollouts, log: silent, sessions: new SessionCache(db), audit: company.deps.audit },
    } as unknown as Portal;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<TestPortal> {
    const world = await TestRollouts.start();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new TestPortal(world, server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.world.close();
  }

  /** A token of somebody, by their id. */
  async token(id: string, scopes: readonly TokenScope[]): Promise<string> {
    const { db, audit } = this.portal;
    const user = await db.user.findUniqueOrThrow({ where: { id }, include: personParts });
    const person = toSignedIn(user, new Date());
    const request = { name: "test", scopes: [...scopes], days: 1 };
    return (await makeToken(db, person, request, new Date(), audit, "")).secret;
  }

  /** Headers of somebody's session, by their id. */
  async session(id: string): Promise<Record<string, string>> {
    const known = this.#cookies.get(id) ?? (await openSession(this.portal.db, id, new Date())).token;
    this.#cookies.set(id, known);
    return { cookie: `towpath_session_${this.portal.config.port}=${known}` };
  }

  send(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The next stream of a release that somebody opens from now on, or the one that is open. */
  async streamOpened(id: string): Promise<void> {
    const path = `/api/v1/rollouts/${id}/stream`;
    while (!this.#open.has(path)) {
      await new Promise<void>((resolve) => this.#opened.add(resolve));
    }
  }

  /** As when the portal's process dies. */
  cutConnections(): void {
    this.#open.clear();
    this.#server.closeAllConnections();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.authorizations.push(incoming.headers.authorization ?? "");
    const { method = "GET", url = "/", headers } = incoming;
    const left = new AbortController();
    outgoing.on("close", () => left.abort());
    const hasBody = method !== "GET" && method !== "HEAD";
    const response = await answer(
      this.portal,
      routes,
      new Request(new URL(url, this.url), {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
        signal: left.signal,
        ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
      } as RequestInit),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.flushHeaders();
    this.#open.add(url);
    for (const tell of this.#opened) {
      tell();
    }
    this.#opened.clear();
    for await (const chunk of response.body ?? []) {
      outgoing.write(chunk);
    }
    outgoing.end();
  }
}
