import * as z from "zod";
import { type WhatIfRequest, whatIfRequest } from "@/server/contracts/what-if.ts";
import type { UrlChanges } from "../query/url-state.ts";

/** The question as it stands in the form and in the address: texts, some of them unfinished. */
export interface WhatIfState {
  /** `<namespace>/<service account>`, `plain`, `outside:<namespace>/<gateway>`; empty: not chosen. */
  readonly from: string;
  /** Host that is asked for from outside. */
  readonly host: string;
  /** `<namespace>/<service>`; empty: not chosen. */
  readonly to: string;
  readonly port: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Pair[];
  /** null: no token. */
  readonly token: { readonly issuer: string; readonly subject: string; readonly claims: readonly Pair[] } | null;
}

/** Name and value. */
export type Pair = readonly [string, string];

const pairs = z.array(z.tuple([z.string(), z.string()])).max(32);
const tokenText = z.object({ issuer: z.string(), subject: z.string(), claims: pairs });

function parsed<S extends z.ZodType>(schema: S, text: string | null): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

/** The question that an address holds; what was mangled on the way is left out. */
export function readState(parameters: Pick<URLSearchParams, "get">): WhatIfState {
  return {
    from: parameters.get("from") ?? "",
    host: parameters.get("host") ?? "",
    to: parameters.get("to") ?? "",
    port: parameters.get("port") ?? "",
    method: parameters.get("method") ?? "GET",
    path: parameters.get("path") ?? "/",
    headers: parsed(pairs, parameters.get("headers")) ?? [],
    token: parsed(tokenText, parameters.get("token")) ?? null,
  };
}

/** What an address has to say so that `readState` gives the question again. */
export function writeState(state: WhatIfState): UrlChanges {
  return {
    from: state.from,
    host: state.host,
    to: state.to,
    port: state.port,
    method: state.method === "GET" ? null : state.method,
    path: state.path === "/" ? null : state.path,
    headers: state.headers.length === 0 ? null : JSON.stringify(state.headers),
    token: state.token === null ? null : JSON.stringify(state.token),
  };
}

/** Where a question stands filled in. */
export function whatIfHref(state: Partial<WhatIfState>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(writeState({ ...readState(new URLSearchParams()), ...state }))) {
    if (value) {
      query.set(name, value);
    }
  }
  return `/what-if?${query}`;
}

/** The value of a claim as it was typed: JSON where it is some, a text elsewhere. */
function claimValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function callerOf({ from, host }: WhatIfState): unknown {
  if (from === "plain") {
    return { kind: "plain" };
  }
  const outside = from.startsWith("outside:");
  const [namespace = "", name = ""] = from.slice(outside ? "outside:".length : 0).split("/");
  return outside
    ? { kind: "outside", gateway: { namespace, name }, host }
    : { kind: "identity", namespace, serviceAccount: name };
}

/** The request to send, or what is missing, by field of the state. */
export function requestOf(
  state: WhatIfState,
): { readonly request: WhatIfRequest } | { readonly problems: Readonly<Record<string, string>> } {
  if (state.from === "" || state.to === "") {
    return {
      problems: {
        ...(state.from === "" && { from: "Choose who calls" }),
        ...(state.to === "" && { to: "Choose what is called" }),
      },
    };
  }
  const [namespace = "", name = ""] = state.to.split("/");
  const filled = state.headers.filter(([header]) => header.trim() !== "");
  const result = whatIfRequest.safeParse({
    caller: callerOf(state),
    service: { namespace, name },
    port: Number(state.port),
    method: state.method,
    path: state.path,
    headers: filled.map(([header, value]) => ({ name: header, value })),
    token:
      state.token === null
        ? null
        : {
            issuer: state.token.issuer,
            subject: state.token.subject,
            claims: Object.fromEntries(
              state.token.claims
                .filter(([claim]) => claim.trim() !== "")
                .map(([claim, value]) => [claim, claimValue(value)]),
            ),
          },
    with: null,
  });
  if (result.success) {
    return { request: result.data };
  }
  const fields: Readonly<Record<string, string>> = { caller: "from", service: "to" };
  return {
    problems: Object.fromEntries(
      result.error.issues.map(({ path, message }) => [fields[String(path[0])] ?? String(path[0]), message]),
    ),
  };
}
