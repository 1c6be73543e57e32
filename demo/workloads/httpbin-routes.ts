import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { readBody, sendJson } from "./server.ts";

/** Longest `/delay/<s>`, as httpbin.org. */
const delaySecondsMax = 10;

/** `/headers`, `/ip`, `/user-agent`, `/get`, `/post`, `/put`, `/patch`, `/delete`, `/anything`, `/status/<code>`, `/delay/<s>`. */
export async function httpbinHandler(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = requestUrl(request);
  const [, first = "", second] = url.pathname.split("/");
  const method = request.method ?? "GET";
  const body = await readBody(request);
  const only = (...allowed: string[]): boolean => {
    if (allowed.includes(method)) {
      return true;
    }
    response.setHeader("allow", allowed.join(", "));
    sendJson(response, 405, { error: `${method} is not allowed on ${url.pathname}` });
    return false;
  };
  switch (first) {
    case "healthz":
      sendJson(response, 200, { status: "ok" });
      return;
    case "headers":
      if (only("GET", "HEAD")) {
        sendJson(response, 200, { headers: headerObject(request) });
      }
      return;
    case "ip":
      if (only("GET", "HEAD")) {
        sendJson(response, 200, { origin: origin(request) });
      }
      return;
    case "user-agent":
      if (only("GET", "HEAD")) {
        sendJson(response, 200, { "user-agent": request.headers["user-agent"] ?? null });
      }
      return;
    case "get":
      if (only("GET", "HEAD")) {
        sendJson(response, 200, requestFacts(request, url));
      }
      return;
    case "post":
    case "put":
    case "patch":
    case "delete":
      if (only(first.toUpperCase())) {
        sendJson(response, 200, { ...requestFacts(request, url), ...bodyFacts(request, body) });
      }
      return;
    case "anything":
      sendJson(response, 200, { ...requestFacts(request, url), ...bodyFacts(request, body), method });
      return;
    case "status":
      sendStatus(response, second);
      return;
    case "delay":
      await delay(Math.min(delaySecondsMax, Math.max(0, Number(second) || 0)) * 1000);
      sendJson(response, 200, { ...requestFacts(request, url), ...bodyFacts(request, body) });
      return;
    default:
      sendJson(response, 404, { error: `no such path: ${url.pathname}` });
  }
}

/** Path and query against the Host header; a host that is no host does not make the request fail. */
function requestUrl(request: IncomingMessage): URL {
  const host = request.headers.host ?? "httpbin";
  const base = URL.canParse(`http://${host}`) ? `http://${host}` : "http://httpbin";
  const target = request.url ?? "/";
  return new URL(target.startsWith("/") ? `${base}${target}` : URL.canParse(target) ? target : base);
}

function sendStatus(response: ServerResponse, text: string | undefined): void {
  const status = Number(text);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    sendJson(response, 400, { error: `no such status: ${text ?? ""}` });
    return;
  }
  if (status === 204 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  sendJson(response, status, { status, message: STATUS_CODES[status] ?? "" });
}

/** Header names as httpbin writes them: `X-Test-Me`. Repeated values are joined. */
function headerObject(request: IncomingMessage): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    result[name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())] = (values ?? []).join(",");
  }
  return result;
}

const origin = (request: IncomingMessage): string => {
  const forwarded = request.headers["x-forwarded-for"];
  return (Array.isArray(forwarded) ? forwarded.join(",") : forwarded) ?? request.socket.remoteAddress ?? "";
};

function requestFacts(request: IncomingMessage, url: URL): object {
  const args: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    args[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return { args, headers: headerObject(request), origin: origin(request), url: url.href };
}

function bodyFacts(request: IncomingMessage, body: string): object {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  let json: unknown = null;
  try {
    json = body === "" ? null : JSON.parse(body);
  } catch {
    json = null;
  }
  return { data: isForm ? "" : body, form: isForm ? Object.fromEntries(new URLSearchParams(body)) : {}, json };
}
