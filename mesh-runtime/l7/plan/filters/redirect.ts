import type { L7Filter } from "../../../xds/proxy-config.ts";
import type { LocalReply } from "../../local-reply.ts";
import { hostOf } from "../routes/host-pattern.ts";
import { compilePathEdit } from "./path-edit.ts";

type RedirectFilter = Extract<L7Filter, { kind: "redirect" }>;

/** What a redirect looks at. */
export interface Redirected {
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  /** Of the listener or service. */
  readonly port: number;
}

export type Redirect = (request: Redirected, prefix: string | undefined) => LocalReply;

const wellKnownPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };
const schemes = /^[a-z][a-z0-9+.-]{0,31}$/;
const hosts = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-._*]{1,253})$/;

/** Compiles a redirect (Gateway API, HTTPRequestRedirectFilter); `undefined` when it cannot be used. */
export function compileRedirect({ scheme, hostname, port, path, status }: RedirectFilter): Redirect | undefined {
  const edit = path && compilePathEdit(path);
  const usable =
    (path === undefined || edit !== undefined) &&
    (scheme === "" || schemes.test(scheme)) &&
    (hostname === "" || hosts.test(hostname)) &&
    status >= 300 &&
    status <= 399;
  if (!usable) {
    return undefined;
  }
  return (request, prefix) => {
    const toScheme = scheme === "" ? request.scheme : scheme;
    const host = hostname === "" ? hostOf(request.authority) : hostname;
    const toPort = port !== 0 ? port : scheme === "" ? request.port : (wellKnownPorts[scheme] ?? request.port);
    const shownPort = toPort === wellKnownPorts[toScheme] ? "" : `:${toPort}`;
    const toPath = edit === undefined ? request.path : edit(request.path, prefix);
    const query = toPath.includes("?") ? "" : request.query;
    const location = `${toScheme}://${host}${shownPort}${toPath}${query}`;
    return { status, flag: "-", body: "", fields: ["location", location] };
  };
}
