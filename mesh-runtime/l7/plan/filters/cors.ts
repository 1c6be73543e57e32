import type { L7Cors, L7HeaderEdit, L7HeaderValue } from "../../../xds/proxy-config.ts";
import type { LocalReply } from "../../local-reply.ts";
import { compileStringMatch, type StringTest } from "../routes/string-match.ts";
import { fieldValue } from "./field-text.ts";

/** What CORS looks at. */
export interface CorsRequest {
  readonly method: string;
  header(name: string): string | undefined;
}

export interface Cors {
  /** The answer to a preflight request whose origin is allowed; `undefined`: an ordinary request. */
  preflight(request: CorsRequest): LocalReply | undefined;
  /** Fields of the answer to a request whose origin is allowed. */
  answer(request: CorsRequest): L7HeaderEdit | undefined;
}

/** Whether a request is a CORS preflight (fetch.spec.whatwg.org, "CORS-preflight request"). */
export const isPreflight = (request: CorsRequest): boolean =>
  request.method === "OPTIONS" &&
  (request.header("origin") ?? "") !== "" &&
  (request.header("access-control-request-method") ?? "") !== "";

/**
 * Compiles a CORS policy (Gateway API GEP-1767, Istio `corsPolicy`). The origin is echoed and never `*`, so that
 * credentials work and answers differ by it; a preflight from elsewhere goes to the service, as with Istio.
 */
export function compileCors(cors: L7Cors): Cors {
  const allows = originTest(cors);
  const methods = listed(cors.allowMethods);
  const headers = listed(cors.allowHeaders);
  const exposed = listed(cors.exposeHeaders);
  const common = (origin: string): L7HeaderValue[] => {
    const fields = [{ name: "access-control-allow-origin", value: origin }];
    if (cors.allowCredentials) {
      fields.push({ name: "access-control-allow-credentials", value: "true" });
    }
    if (exposed !== "") {
      fields.push({ name: "access-control-expose-headers", value: exposed });
    }
    return fields;
  };
  const allowedOrigin = (request: CorsRequest): string | undefined => {
    const origin = request.header("origin");
    return origin !== undefined && origin !== "" && allows(origin) ? origin : undefined;
  };
  return {
    preflight(request) {
      const origin = isPreflight(request) ? allowedOrigin(request) : undefined;
      if (origin === undefined) {
        return undefined;
      }
      const fields = common(origin);
      add(fields, "access-control-allow-methods", methods, request.header("access-control-request-method"));
      add(fields, "access-control-allow-headers", headers, request.header("access-control-request-headers"));
      if (cors.maxAge > 0) {
        fields.push({ name: "access-control-max-age", value: String(cors.maxAge) });
      }
      fields.push({ name: "vary", value: "origin" });
      return { status: 200, flag: "-", body: "", fields: fields.flatMap(({ name, value }) => [name, value]) };
    },
    answer(request) {
      const origin = allowedOrigin(request);
      return origin === undefined
        ? undefined
        : { set: common(origin), add: [{ name: "vary", value: "origin" }], remove: [] };
    },
  };
}

const listed = (values: readonly string[]): string => fieldValue(values.join(", ")) ?? "";

/** `*` allows what was asked for, by its name: with credentials the star means nothing (Fetch, "CORS protocol"). */
function add(fields: L7HeaderValue[], name: string, allowed: string, asked: string | undefined): void {
  const value = allowed === "*" ? (asked ?? "") : allowed;
  if (value !== "") {
    fields.push({ name, value });
  }
}

function originTest({ allowOrigins }: L7Cors): StringTest {
  const tests = allowOrigins.flatMap((match) => {
    const test =
      match.type === "Exact" && match.value.includes("*") ? wildcardOrigin(match.value) : compileStringMatch(match);
    return test === undefined ? [] : [test];
  });
  return (origin) => tests.some((test) => test(origin));
}

/** `*`, or a star that stands for one label or more of the host. */
function wildcardOrigin(pattern: string): StringTest {
  if (pattern === "*") {
    return () => true;
  }
  const star = pattern.indexOf("*");
  const before = pattern.slice(0, star).toLowerCase();
  const after = pattern.slice(star + 1).toLowerCase();
  return (given) => {
    const origin = given.toLowerCase();
    const covered = origin.slice(before.length, origin.length - after.length);
    return (
      origin.length > before.length + after.length &&
      origin.startsWith(before) &&
      origin.endsWith(after) &&
      /^[a-z0-9.:-]+$/.test(before === "" ? covered.replace(/^[a-z]+:\/\//, "") : covered)
    );
  };
}
