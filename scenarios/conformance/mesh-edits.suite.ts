import { describe, expect, test } from "vitest";
import { enact } from "../manifests.ts";
import { type Case, check } from "./cases.ts";
import { headerEdits, multipleEdits } from "./header-tables.ts";
import { backend, mesh, route, send, to, v1 } from "./mesh-place.ts";

export function editSuite(): void {
  describe("what a rule changes", () => {
    test("HTTPRouteRequestHeaderModifier", async () => {
      const rule = (path: string, edit: string): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [{ type: RequestHeaderModifier, requestHeaderModifier: ${edit} }], ${backend(1)} }`;
      await enact(
        mesh,
        route(
          "request-headers",
          `[${[
            rule("/set", "{ set: [{ name: X-Header-Set, value: set-overwrites-values }] }"),
            rule("/add", "{ add: [{ name: X-Header-Add, value: add-appends-values }] }"),
            rule("/remove", "{ remove: [X-Header-Remove] }"),
            rule("/multiple", multipleEdits),
            rule(
              "/case-insensitivity",
              "{ set: [{ name: X-Header-Set, value: header-set }], add: [{ name: X-Header-Add, value: header-add }], remove: [X-Header-Remove] }",
            ),
          ].join(", ")}]`,
        ),
      );
      await check(
        send,
        to("request-headers"),
        headerEdits.map(([path, headers, seen]) => [
          { path, headers },
          { ...v1, seen },
        ]),
      );
    });

    test("HTTPRouteResponseHeaderModifier, with request headers too", async () => {
      const rule = (path: string, edit: string, more = ""): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: ${edit} }${more}], ${backend(1)} }`;
      await enact(
        mesh,
        route(
          "response-headers",
          `[${[
            rule("/set", "{ set: [{ name: X-Header-Set, value: set-overwrites-values }] }"),
            rule("/add", "{ add: [{ name: X-Header-Add, value: add-appends-values }] }"),
            rule("/remove", "{ remove: [X-Header-Remove] }"),
            rule("/multiple", multipleEdits),
            rule(
              "/case-insensitivity",
              "{ set: [{ name: X-Header-Set, value: header-set }], add: [{ name: X-Header-Add, value: header-add }, { name: X-UPPERCASE-ADD, value: uppercase-add }], remove: [X-Header-Remove] }",
            ),
            rule("/both", multipleEdits, `, { type: RequestHeaderModifier, requestHeaderModifier: ${multipleEdits} }`),
          ].join(", ")}]`,
        ),
      );
      const set = (headers: Readonly<Record<string, string>>): Record<string, string> => ({
        "x-echo-set": Object.entries(headers)
          .map(([name, value]) => `${name}=${value}`)
          .join(";"),
      });
      const [, , , , , [, multiple, multipleSeen] = []] = headerEdits;
      await check(send, to("response-headers"), [
        ...headerEdits.map(
          ([path, sent, headers]): Case => [
            { path, headers: set(sent) },
            { ...v1, headers },
          ],
        ),
        [{ path: "/case-insensitivity" }, { headers: { "x-uppercase-add": "uppercase-add" } }],
        [
          { path: "/both", headers: { ...set(multiple ?? {}), ...multiple } },
          { ...v1, seen: multipleSeen ?? {}, headers: multipleSeen ?? {} },
        ],
      ]);
    });

    test("HTTPRouteBackendRequestHeaderModification with weights: the field says who got it", async () => {
      const one = (version: number): string =>
        `{ name: echo-v${version}, port: 8080, weight: 10, filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: Backend, value: echo-v${version} }] } }] }`;
      await enact(mesh, route("backend-headers", `[{ backendRefs: [${one(1)}, ${one(2)}] }]`));
      const told = await send(Array(60).fill(to("backend-headers")));
      const pairs = told.map(({ body }) => body as { backend: string; headers: { backend: string } });
      expect(pairs.filter(({ backend: who, headers }) => who !== headers.backend)).toEqual([]);
      expect(new Set(pairs.map(({ backend: who }) => who))).toEqual(new Set(["echo-v1", "echo-v2"]));
    });

    test("HTTPRouteRewritePath, with header edits", async () => {
      const rule = (path: string, rewrite: string, more = ""): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [{ type: URLRewrite, urlRewrite: ${rewrite} }${more}], ${backend(1, 80)} }`;
      const edits =
        ", { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Header-Set, value: set-overwrites-values }], add: [{ name: X-Header-Add, value: header-val-1 }, { name: X-Header-Add-Append, value: header-val-2 }], remove: [X-Header-Remove] } }";
      const prefix = (value: string): string => `{ path: { type: ReplacePrefixMatch, replacePrefixMatch: ${value} } }`;
      const full = (value: string): string => `{ path: { type: ReplaceFullPath, replaceFullPath: ${value} } }`;
      await enact(
        mesh,
        route(
          "rewrite",
          `[${[
            rule("/prefix/one", prefix("/one")),
            rule("/strip-prefix", prefix("/")),
            rule("/full/one", full("/one")),
            rule("/full/rewrite-path-and-modify-headers", full("/test"), edits),
            rule("/prefix/rewrite-path-and-modify-headers", prefix("/prefix"), edits),
            rule("/host", "{ hostname: one.example.org }"),
            rule(
              "/host-and-path",
              "{ hostname: two.example.org, path: { type: ReplaceFullPath, replaceFullPath: /two } }",
            ),
          ].join(", ")}]`,
        ),
      );
      const sent = {
        "X-Header-Remove": "remove-val",
        "X-Header-Add-Append": "append-val-1",
        "X-Header-Set": "set-val",
      };
      const seen = {
        "X-Header-Add": "header-val-1",
        "X-Header-Add-Append": "append-val-1,header-val-2",
        "X-Header-Set": "set-overwrites-values",
        "X-Header-Remove": null,
      };
      await check(send, to("rewrite"), [
        [{ path: "/prefix/one/two" }, { ...v1, target: "/one/two" }],
        [{ path: "/strip-prefix/three" }, { target: "/three" }],
        [{ path: "/strip-prefix" }, { target: "/" }],
        [{ path: "/strip-prefix/" }, { target: "/" }],
        [{ path: "/full/one/two" }, { target: "/one" }],
        [{ path: "/full/one?a=b" }, { target: "/one?a=b" }],
        [{ path: "/prefix/one?a=b" }, { target: "/one?a=b" }],
        [
          { path: "/full/rewrite-path-and-modify-headers/test", headers: sent },
          { target: "/test", seen },
        ],
        [
          { path: "/prefix/rewrite-path-and-modify-headers/one", headers: sent },
          { target: "/prefix/one", seen },
        ],
        [{ path: "/host/x" }, { target: "/host/x", seenHost: "one.example.org" }],
        [{ path: "/host-and-path/x" }, { target: "/two", seenHost: "two.example.org" }],
      ]);
    });
  });
}
