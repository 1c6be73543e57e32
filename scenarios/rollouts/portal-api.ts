import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { openSession } from "../../server/auth/sessions.ts";
import { answer } from "../../server/http/router.ts";
import { routes } from "../../server/http/routes.ts";
import type { Portal } from "../../server/portal.ts";

/** Where the API answers, and the cookie of somebody who is signed in. */
export interface PortalApi {
  readonly url: string;
  readonly cookie: string;
}

/** Serves a portal's API on a free port of this machine, until the process ends: routes, sign-in and access are its own. */
export async function servePortalApi(portal: Portal, personId: string): Promise<PortalApi> {
  const server = createServer((incoming, outgoing) => void serve(portal, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { token } = await openSession(portal.db, personId, new Date());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cookie: `towpath_session_${portal.config.port}=${token}`,
  };
}

async function serve(portal: Portal, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = method === "GET" ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" };
  const request = new Request(new URL(url, portal.config.portalUrl), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...body,
  } as RequestInit);
  const response = await answer(portal, routes, request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}
