import { lookup as resolve } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isForbidden } from "./address-guard.ts";
import { FetchError } from "./fetch-error.ts";
import { type HostPlace, plainTextHint } from "./mesh-host.ts";
import { shownUrl } from "./shown-url.ts";

/** A document and how long its origin says that it holds. */
export interface FetchedDocument {
  readonly body: string;
  /** `cache-control: max-age` in milliseconds; absent when it is not said. */
  readonly maxAgeMs?: number;
}

/** Fetches a document. Rejects with `FetchError`. */
export type Get = (url: string, signal: AbortSignal) => Promise<FetchedDocument>;

export interface GetOptions {
  /** Where a host is; pods of the mesh are called at the address it gives. */
  readonly place: (hostname: string, port: number) => HostPlace;
  /** Whether an address must not be called. */
  readonly forbidden?: (address: string) => boolean;
  /** Roots of https, PEM each; the system's when absent. */
  readonly roots?: readonly string[];
}

const bodyMax = 512 * 1_024;
const redirectsMax = 3;

/**
 * Fetches over http and https. Names are resolved once, and the address that was checked is the one that is called, so
 * that a name cannot change its mind in between. Redirects are followed three times, never from https to http.
 */
export const createGet = ({ place, forbidden = isForbidden, roots }: GetOptions): Get =>
  async function get(start, signal) {
    let url = parse(start);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await exchange(url, signal, { place, forbidden, roots });
      if (!("location" in answer)) {
        return answer;
      }
      if (redirects === redirectsMax) {
        throw new FetchError("too-many-redirects", `${shownUrl(start)} redirects more than ${redirectsMax} times`);
      }
      const next = parse(answer.location, url);
      if (url.protocol === "https:" && next.protocol !== "https:") {
        throw new FetchError("bad-url", `${shownUrl(start)} redirects from https to http`);
      }
      url = next;
    }
  };

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new FetchError("bad-url", `${shownUrl(text)} is none with http or https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new FetchError("bad-url", "a URL with a password in it is not fetched");
  }
  return url;
}

type Reach = Required<Omit<GetOptions, "roots">> & { readonly roots: readonly string[] | undefined };

type Answer = FetchedDocument | { readonly location: string };

function exchange(url: URL, signal: AbortSignal, { place, forbidden, roots }: Reach): Promise<Answer> {
  const secure = url.protocol === "https:";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const at: HostPlace = isIP(hostname) === 0 ? place(hostname, port) : { kind: "outside" };
  const where = `${hostname}:${port}`;
  if (at.kind === "nowhere") {
    return Promise.reject(new FetchError("no-such-host", at.problem));
  }
  if (at.kind === "outside" && isIP(hostname) !== 0 && forbidden(hostname)) {
    return Promise.reject(new FetchError("forbidden-address", `${where} is an address of this machine or its link`));
  }
  return new Promise<Answer>((resolvePromise, reject) => {
    const fail = (error: unknown): void => reject(asFetchError(error, where, signal, at.kind === "pod"));
    const request = (secure ? requestHttps : requestHttp)(
      {
        host: at.kind === "pod" ? at.address : hostname,
        port: at.kind === "pod" ? at.port : port,
        path: `${url.pathname}${url.search}`,
        method: "GET",
        headers: { host: url.host, accept: "application/json", "user-agent": "towpath" },
        agent: false,
        signal,
        lookup: guardedLookup(forbidden, where),
        ...(secure && isIP(hostname) === 0 ? { servername: hostname } : {}),
        ...(roots === undefined ? {} : { ca: [...roots] }),
      },
      (response) => {
        read(response, where).then(resolvePromise, fail);
      },
    );
    request.on("error", fail);
    request.end();
  });
}

/** Resolves a name and lets through only addresses that may be called. */
const guardedLookup =
  (forbidden: (address: string) => boolean, where: string): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => !forbidden(address)) : [];
      const [first] = addresses;
      if (error !== null) {
        callback(error, "", 0);
      } else if (first === undefined) {
        callback(new FetchError("forbidden-address", `${where} leads to this machine or its link`), "", 0);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };

async function read(response: IncomingMessage, where: string): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    response.destroy();
    return { location };
  }
  if (status !== 200) {
    response.destroy();
    throw new FetchError("bad-status", `${where} answered ${status}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMax) {
      response.destroy();
      throw new FetchError("too-large", `${where} sent more than ${bodyMax} bytes`);
    }
    chunks.push(chunk);
  }
  const [, age] = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(response.headers["cache-control"] ?? "") ?? [];
  const body = Buffer.concat(chunks).toString("utf8");
  return age === undefined ? { body } : { body, maxAgeMs: Number(age) * 1_000 };
}

function asFetchError(error: unknown, where: string, signal: AbortSignal, inMesh: boolean): FetchError {
  if (error instanceof FetchError) {
    return error;
  }
  const hint = inMesh ? plainTextHint : "";
  if (signal.aborted) {
    return new FetchError("too-slow", `${where} did not answer in time${hint}`);
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new FetchError("unreachable", `${where} cannot be reached${code === "" ? "" : ` (${code})`}${hint}`);
}
