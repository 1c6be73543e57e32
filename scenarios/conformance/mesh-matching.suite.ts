import { describe, test } from "vitest";
import { enact } from "../manifests.ts";
import { type Case, check } from "./cases.ts";
import { headerCases, headerRules } from "./header-tables.ts";
import { backend, mesh, notFound, route, send, to, v1, v2, v3 } from "./mesh-place.ts";

export function matchingSuite(): void {
  describe("what matches", () => {
    test("HTTPRouteMatching: prefixes of segments, headers, precedence", async () => {
      await enact(
        mesh,
        route(
          "matching",
          `
    - { matches: [{ path: { type: PathPrefix, value: / } }, { headers: [{ name: version, value: one }] }], ${backend(1)} }
    - { matches: [{ path: { type: PathPrefix, value: /v2 } }, { headers: [{ name: version, value: two }] }], ${backend(2)} }`,
        ),
      );
      await check(send, to("matching"), [
        [{ path: "/" }, v1],
        [{ path: "/example" }, v1],
        [{ headers: { Version: "one" } }, v1],
        [{ path: "/v2" }, v2],
        [{ path: "/v2/example" }, v2],
        [{ headers: { Version: "two" } }, v2],
        [{ path: "/v2/" }, v2],
        [{ path: "/v2example" }, v1],
        [{ path: "/foo/v2/example" }, v1],
      ]);
    });

    test("HTTPRouteQueryParamMatching", async () => {
      await enact(
        mesh,
        route(
          "query",
          `
    - { matches: [{ queryParams: [{ name: animal, value: whale }] }], ${backend(1)} }
    - { matches: [{ queryParams: [{ name: animal, value: dolphin }] }], ${backend(2)} }
    - { matches: [{ path: { value: /path1 }, queryParams: [{ name: animal, value: whale }] }], ${backend(1)} }
    - { matches: [{ headers: [{ name: version, value: one }], queryParams: [{ name: animal, value: whale }] }], ${backend(2)} }
    - matches:
        - { path: { value: /path3 }, queryParams: [{ name: animal, value: shark }] }
        - { path: { value: /path4 }, headers: [{ name: version, value: three }], queryParams: [{ name: animal, value: kraken }] }
      ${backend(1)}
    - { matches: [{ path: { value: /path5 } }], ${backend(1)} }
    - { matches: [{ queryParams: [{ name: animal, value: hydra }] }], ${backend(2)} }`,
        ),
      );
      await check(send, to("query"), [
        [{ path: "/?animal=whale" }, v1],
        [{ path: "/?animal=dolphin" }, v2],
        [{ path: "/?animal=whale&otherparam=irrelevant" }, v1],
        [{ path: "/?animal=dolphin&color=yellow" }, v2],
        [{ path: "/?color=blue" }, notFound],
        [{ path: "/?animal=dog" }, notFound],
        [{ path: "/?animal=whaledolphin" }, notFound],
        [{ path: "/" }, notFound],
        [{ path: "/path1?animal=whale" }, v1],
        [{ path: "/?animal=whale", headers: { version: "one" } }, v2],
        [{ path: "/path3?animal=shark" }, v1],
        [{ path: "/path4?animal=kraken", headers: { version: "three" } }, v1],
        [{ path: "/?animal=shark" }, notFound],
        [{ path: "/path4?animal=kraken" }, notFound],
        [{ path: "/path5?animal=hydra" }, v1],
      ]);
    });

    test("HTTPRouteMethodMatching", async () => {
      await enact(
        mesh,
        route(
          "methods",
          `
    - { matches: [{ method: POST }], ${backend(1)} }
    - { matches: [{ method: GET }], ${backend(2)} }
    - { matches: [{ path: { value: /path1 }, method: GET }], ${backend(1)} }
    - { matches: [{ headers: [{ name: version, value: one }], method: PUT }], ${backend(2)} }
    - { matches: [{ path: { value: /path2 }, headers: [{ name: version, value: two }], method: POST }], ${backend(3)} }
    - matches:
        - { path: { value: /path3 }, method: PATCH }
        - { path: { value: /path4 }, headers: [{ name: version, value: three }], method: DELETE }
      ${backend(1)}
    - { matches: [{ path: { value: /path5 } }], ${backend(1)} }
    - { matches: [{ method: PATCH }], ${backend(2)} }
    - { matches: [{ headers: [{ name: version, value: four }] }], ${backend(3)} }`,
        ),
      );
      await check(send, to("methods"), [
        [{ method: "POST" }, v1],
        [{ method: "GET" }, v2],
        [{ method: "HEAD" }, notFound],
        [{ path: "/path1" }, v1],
        [{ method: "PUT", headers: { version: "one" } }, v2],
        [{ method: "POST", path: "/path2", headers: { version: "two" } }, v3],
        [{ method: "PATCH", path: "/path3" }, v1],
        [{ method: "DELETE", path: "/path4", headers: { version: "three" } }, v1],
        [{ method: "PUT" }, notFound],
        [{ method: "DELETE", path: "/path4" }, notFound],
        [{ method: "PATCH", path: "/path5" }, v1],
        [{ method: "PATCH", headers: { version: "four" } }, v2],
      ]);
    });

    test("HTTPRouteHeaderMatching", async () => {
      await enact(mesh, route("headers", headerRules(8080)));
      await check(send, to("headers"), [
        ...headerCases.map(
          ([headers, version]): Case => [{ headers }, version === 0 ? notFound : ([v1, v2][version - 1] ?? {})],
        ),
      ]);
    });

    test("HTTPExactPathMatching", async () => {
      await enact(
        mesh,
        route(
          "exact",
          `
    - { matches: [{ path: { type: Exact, value: /one } }], ${backend(1)} }
    - { matches: [{ path: { type: Exact, value: /two } }], ${backend(2)} }
    - { matches: [{ path: { type: RegularExpression, value: "/re/[0-9]+" } }], ${backend(3)} }`,
        ),
      );
      await check(send, to("exact"), [
        [{ path: "/one" }, v1],
        [{ path: "/two" }, v2],
        [{ path: "/" }, notFound],
        [{ path: "/one/example" }, notFound],
        [{ path: "/two/" }, notFound],
        [{ path: "/Two" }, notFound],
        [{ path: "/one?a=b" }, v1],
        [{ path: "/re/42" }, v3],
        [{ path: "/re/42x" }, notFound],
        [{ path: "/x/re/42" }, notFound],
      ]);
    });

    test("HTTPRoutePathMatchOrder", async () => {
      const rule = (type: string, value: string, version: number): string =>
        `{ matches: [{ path: { type: ${type}, value: ${value} } }], ${backend(version)} }`;
      await enact(
        mesh,
        route(
          "order",
          `[${[
            rule("Exact", "/match", 1),
            rule("Exact", "/match/exact", 2),
            rule("Exact", "/match/exact/one", 3),
            rule("PathPrefix", "/match/", 3),
            rule("PathPrefix", "/match/prefix/", 1),
            rule("PathPrefix", "/match/prefix/one", 2),
          ].join(", ")}]`,
        ),
      );
      await check(send, to("order"), [
        [{ path: "/match/exact/one" }, v3],
        [{ path: "/match/exact" }, v2],
        [{ path: "/match" }, v1],
        [{ path: "/match/prefix/one/any" }, v2],
        [{ path: "/match/prefix/any" }, v1],
        [{ path: "/match/any" }, v3],
      ]);
    });
  });
}
