import { describe, test } from "vitest";
import { enact } from "../manifests.ts";
import { type Case, check } from "./cases.ts";
import { corsCases } from "./cors-table.ts";
import { backend, mesh, route, send, to, v1 } from "./mesh-place.ts";

export function failureSuite(): void {
  describe("time and failure", () => {
    test("HTTPRouteTimeoutRequest, HTTPRouteTimeoutBackendRequest", async () => {
      const rule = (path: string, timeouts: string): string =>
        `{ matches: [{ path: { value: ${path} } }], timeouts: ${timeouts}, ${backend(1)} }`;
      await enact(
        mesh,
        route(
          "timeouts",
          `[${[
            rule("/request-timeout", "{ request: 500ms }"),
            rule("/disable-request-timeout", "{ request: 0s }"),
            rule("/backend-timeout", "{ backendRequest: 500ms }"),
            rule("/disable-backend-timeout", "{ backendRequest: 0s }"),
          ].join(", ")}]`,
        ),
      );
      await check(send, to("timeouts"), [
        [{ path: "/request-timeout" }, v1],
        [{ path: "/request-timeout?delay=1000" }, { status: 504 }],
        [{ path: "/disable-request-timeout?delay=1000" }, v1],
        [{ path: "/backend-timeout" }, v1],
        [{ path: "/backend-timeout?delay=1000" }, { status: 504 }],
        [{ path: "/disable-backend-timeout?delay=1000" }, v1],
      ]);
    });

    test("HTTPRouteRetry, with timeouts, with connection errors", async () => {
      const rule = (path: string, rest: string): string =>
        `{ matches: [{ path: { value: ${path} } }], ${rest}, ${backend(3)} }`;
      await enact(
        mesh,
        route(
          "retry",
          `[${[
            rule("/500-3", "retry: { codes: [500], attempts: 3, backoff: 5ms }"),
            rule("/all-2", "retry: { codes: [500, 502, 503, 504], attempts: 2, backoff: 5ms }"),
            rule("/backend-200ms", "retry: { attempts: 2, backoff: 5ms }, timeouts: { backendRequest: 200ms }"),
            rule(
              "/request-400ms",
              "retry: { codes: [500], attempts: 5, backoff: 5ms }, timeouts: { backendRequest: 200ms, request: 400ms }",
            ),
            rule("/connection-3", "retry: { attempts: 3, backoff: 5ms }"),
            rule("/none", "retry: { attempts: 0 }"),
          ].join(", ")}]`,
        ),
      );
      let id = 0;
      const row = (path: string, code: number, after: number, status: number | number[], delayRetry = 0): Case => {
        id += 1;
        return [
          { path: `${path}?responseCode=${code}&succeedAfter=${after}&delayRetry=${delayRetry}&uuid=${id}` },
          { status },
        ];
      };
      await check(send, to("retry"), [
        row("/500-3", 500, 2, 200),
        row("/500-3", 500, 4, 500),
        row("/500-3", 503, 2, 503),
        ...[500, 502, 503, 504].flatMap((code) => [row("/all-2", code, 1, 200), row("/all-2", code, 3, code)]),
        // Without codes Istio asks its proxies to repeat only what never reached the back end: neither what took too long
        // nor what broke off. (The suite's HTTPRouteRetryBackendTimeout and -ConnectionError, which are no obligation.)
        row("/backend-200ms", 500, 2, 504, 300),
        row("/backend-200ms", 500, 3, 504, 300),
        row("/request-400ms", 500, 1, 200),
        row("/request-400ms", 500, 4, 504, 150),
        row("/connection-3", 0, 2, 503),
        row("/none", 503, 1, 503),
      ]);
    });

    test("HTTPRouteCORS", async () => {
      const rule = (path: string, cors: string): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [{ type: CORS, cors: ${cors} }], ${backend(1)} }`;
      await enact(
        mesh,
        route(
          "cors",
          `[${[
            rule(
              "/cors-1",
              '{ allowOrigins: ["https://www.foo.com", "https://*.bar.com"], allowMethods: [GET, OPTIONS], allowHeaders: [x-header-1, x-header-2], exposeHeaders: [x-header-3, x-header-4], allowCredentials: true, maxAge: 3600 }',
            ),
            rule("/cors-2", '{ allowOrigins: ["https://www.foo.com"], allowMethods: ["*"] }'),
          ].join(", ")}]`,
        ),
      );
      await check(send, to("cors"), corsCases);
    });
  });
}
