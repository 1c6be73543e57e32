import { describe, test } from "vitest";
import { enact } from "../manifests.ts";
import { check } from "./cases.ts";
import { at, mesh, route, send } from "./mesh-place.ts";

export function redirectSuite(): void {
  describe("HTTPRouteRequestRedirect", () => {
    const rules = (rows: readonly (readonly [path: string, redirect: string])[]): string =>
      `[${rows
        .map(
          ([path, redirect]) =>
            `{ matches: [{ path: { value: ${path} } }], filters: [{ type: RequestRedirect, requestRedirect: ${redirect} }] }`,
        )
        .join(", ")}]`;
    const prefix = "path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }";
    const full = "path: { type: ReplaceFullPath, replaceFullPath: /replacement-full }";
    test.each([
      {
        name: "redirect-path",
        redirects: [
          ["/original-prefix", `{ ${prefix} }`, "/original-prefix/lemon", 302, "http://HOST/replacement-prefix/lemon"],
          ["/full", `{ ${full} }`, "/full/path/original", 302, "http://HOST/replacement-full"],
          ["/path-and-host", `{ hostname: example.org, ${prefix} }`, "", 302, "http://example.org/replacement-prefix"],
          ["/path-and-status", `{ ${prefix}, statusCode: 301 }`, "", 301, "http://HOST/replacement-prefix"],
          ["/full-path-and-host", `{ hostname: example.org, ${full} }`, "", 302, "http://example.org/replacement-full"],
          ["/full-path-and-status", `{ ${full}, statusCode: 301 }`, "", 301, "http://HOST/replacement-full"],
        ],
      },
      {
        name: "redirect-host",
        redirects: [
          ["/hostname-redirect", "{ hostname: example.org }", "", 302, "http://example.org/hostname-redirect"],
          [
            "/host-and-status",
            "{ statusCode: 301, hostname: example.org }",
            "",
            301,
            "http://example.org/host-and-status",
          ],
        ],
      },
      {
        name: "redirect-port",
        redirects: [
          ["/port", "{ port: 8083 }", "", 302, "http://HOST:8083/port"],
          ["/port-and-host", "{ hostname: example.org, port: 8083 }", "", 302, "http://example.org:8083/port-and-host"],
          ["/port-and-status", "{ port: 8083, statusCode: 301 }", "", 301, "http://HOST:8083/port-and-status"],
          [
            "/port-and-host-and-status",
            "{ port: 8083, hostname: example.org, statusCode: 302 }",
            "",
            302,
            "http://example.org:8083/port-and-host-and-status",
          ],
        ],
      },
      {
        name: "redirect-scheme",
        redirects: [
          ["/scheme", "{ scheme: https }", "", 302, "https://HOST/scheme"],
          [
            "/scheme-and-host",
            "{ hostname: example.org, scheme: https }",
            "",
            302,
            "https://example.org/scheme-and-host",
          ],
          ["/scheme-and-status", "{ scheme: https, statusCode: 301 }", "", 301, "https://HOST/scheme-and-status"],
          ["/all", "{ scheme: https, statusCode: 302, hostname: example.org }", "", 302, "https://example.org/all"],
        ],
      },
    ] as const)("$name", async ({ name, redirects }) => {
      await enact(mesh, route(name, rules(redirects.map(([path, redirect]) => [path, redirect]))));
      const host = `${name}.${at}`;
      await check(
        send,
        { to: host },
        redirects.map(([path, , asked, status, location]) => [
          { path: asked === "" ? path : asked },
          { status, headers: { location: location.replace("HOST", host) } },
        ]),
      );
    });
  });
}
