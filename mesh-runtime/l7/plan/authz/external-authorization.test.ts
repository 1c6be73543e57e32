/** Istio's CUSTOM action with Envoy's `ext_authz`, against real servers. */
import { create } from "@bufbuild/protobuf";
import { status as grpc } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { HttpAuthorization } from "../../../policy/http-model.ts";
import type { L7Authorizer } from "../../../xds/proxy-config.ts";
import {
  type Asked,
  config,
  forwarded,
  noCalls,
  peerOf,
  replied,
  replyField,
  rig,
  service,
} from "../planner-rig.suite.ts";
import { authorizer, callTo, grpcAuthorizer, httpAuthorizer } from "./authorizers.suite.ts";
import { type CheckRequest, CheckResponseSchema } from "./gen/external-auth_pb.js";

const custom = (provider = "my-authz", name = "ext"): HttpAuthorization => ({
  name,
  namespace: "default",
  action: "CUSTOM",
  dryRun: false,
  provider,
  rules: [{ from: [], to: [{ paths: [{ kind: "prefix", value: "/admin" }] }], when: [] }],
});

const at = (port: number, more: Partial<L7Authorizer> = {}, policies = [custom()]) =>
  rig(service({}, { authorizations: policies }), {
    config: config({ authorizers: [authorizer(more)] }),
    call: port === 0 ? noCalls : callTo(port),
  });

const bodyOf = (text: string) => ({
  peek: (max: number) =>
    Promise.resolve({ data: Buffer.from(text).subarray(0, max), complete: Buffer.byteLength(text) <= max }),
});
const post = (text: string): Asked => ({
  method: "POST",
  target: "/admin",
  body: { kind: "length", length: Buffer.byteLength(text) },
});

test("what no CUSTOM rule matches is not asked about, and judged at once", () => {
  expect(at(0).now({ target: "/public" }).kind).toBe("forward");
});

describe("over HTTP", () => {
  test("the question has the request's method, host and path, and the listed fields alone", async () => {
    const seen: unknown[] = [];
    const server = await httpAuthorizer((request, response) => {
      seen.push([request.method, request.url, request.headers]);
      response.end();
    });
    const planner = at(server.port, {
      pathPrefix: "/check",
      includeRequestHeaders: ["Cookie", "x-a-*", "*-id"],
      includeAdditionalHeaders: [{ name: "X-From", value: "mesh" }],
    });
    const headers = { Authorization: "Basic x", cookie: "a=b", "X-A-1": "1", "x-request-id": "2", "x-other": "3" };
    const plan = await planner.ask({ method: "PUT", target: "/admin/../admin/x?y=z", headers });
    expect(forwarded(plan).fields.get("x-other")).toBe("3");
    expect(seen).toEqual([
      [
        "PUT",
        "/check/admin/x?y=z",
        {
          host: "app.ns",
          "content-length": "0",
          authorization: "Basic x",
          cookie: "a=b",
          "x-a-1": "1",
          "x-request-id": "2",
          "x-from": "mesh",
          connection: "keep-alive",
        },
      ],
    ]);
  });

  test("200 allows; listed fields go to the service and to the client, Host and framing never", async () => {
    const server = await httpAuthorizer((_request, response) => {
      response.setHeader("x-user", "alice");
      response.setHeader("x-other", "1");
      response.setHeader("host", "evil.test");
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.end("ignored");
    });
    const planner = at(server.port, {
      headersToUpstreamOnAllow: ["X-User", "host", "content-length"],
      headersToDownstreamOnAllow: ["set-cookie"],
    });
    const plan = forwarded(await planner.ask({ target: "/admin", headers: { "X-USER": "root" } }));
    expect([plan.fields.list, plan.authority]).toEqual([["x-user", "alice"], "app.ns"]);
    expect(plan.responseEdits.flatMap(({ add }) => add)).toEqual([
      { name: "set-cookie", value: "a=1" },
      { name: "set-cookie", value: "b=2" },
    ]);
  });

  test.each<[string, readonly string[], string[]]>([
    ["all fields without a list", [], ["x-reason", "location", "www-authenticate"]],
    ["listed fields and what always comes along", ["x-nothing"], ["location", "www-authenticate"]],
  ])("anything else is the answer, with %s", async (_name, headersToDownstreamOnDeny, names) => {
    const server = await httpAuthorizer((_request, response) => {
      response.writeHead(302, { location: "/login", "x-reason": "no", "www-authenticate": "Basic" });
      response.end("sign in");
    });
    const plan = await at(server.port, { headersToDownstreamOnDeny }).ask({ target: "/admin" });
    expect(replied(plan)).toMatchObject({
      reply: { status: 302, flag: "UAEX", body: "sign in" },
      refusal: { reason: "refused-by-authorizer", policy: "default/ext", rule: 0, attribute: "my-authz" },
    });
    expect(names.every((name) => replyField(plan, name).length === 1)).toBe(true);
    expect(replyField(plan, "x-reason").length).toBe(names.includes("x-reason") ? 1 : 0);
    expect(replyField(plan, "content-length")).toEqual([]);
  });

  test("a redirect is no 200, and neither is 204", async () => {
    const server = await httpAuthorizer((_request, response) => {
      response.writeHead(204).end();
    });
    expect(replied(await at(server.port).ask({ target: "/admin" })).reply.status).toBe(204);
  });

  test.each<[string, Partial<L7Authorizer>, number | "allowed"]>([
    ["403 by default", {}, 403],
    ["the configured status", { statusOnError: 503 }, 503],
    ["open if so configured", { failOpen: true }, "allowed"],
  ])("an authorizer that fails: %s", async (_name, more, expected) => {
    const server = await httpAuthorizer((_request, response) => {
      response.writeHead(500).end();
    });
    for (const port of [server.port, 0]) {
      const plan = await at(port, more).ask({ target: "/admin" });
      if (expected === "allowed") {
        expect(plan.kind).toBe("forward");
      } else {
        expect(replied(plan)).toMatchObject({
          reply: { status: expected, flag: "UAEX" },
          refusal: { reason: "authorizer-unavailable" },
        });
      }
    }
  });

  test("an authorizer that does not answer in time fails", async () => {
    const server = await httpAuthorizer(() => {});
    expect(replied(await at(server.port, { timeoutMs: 20 }).ask({ target: "/admin" })).reply.status).toBe(403);
  });

  test("the body goes along as far as it may", async () => {
    const seen: string[] = [];
    const server = await httpAuthorizer((request, response, body) => {
      seen.push(`${request.headers["x-envoy-auth-partial-body"]} ${body}`);
      response.end();
    });
    const whole = at(server.port, { maxRequestBytes: 5 });
    expect((await whole.ask(post("12345"), bodyOf("12345"))).kind).toBe("forward");
    expect(replied(await whole.ask(post("123456"), bodyOf("123456"))).reply.status).toBe(413);
    const partial = at(server.port, { maxRequestBytes: 5, allowPartialMessage: true });
    expect((await partial.ask(post("123456"), bodyOf("123456"))).kind).toBe("forward");
    expect((await partial.ask({ target: "/admin" }, bodyOf(""))).kind).toBe("forward");
    expect(seen).toEqual(["false 12345", "true 12345", "undefined "]);
  });
});

describe("who is asked", () => {
  test.each<[string, Partial<L7Authorizer>, string]>([
    ["a provider nobody knows", {}, "other"],
    ["a provider without a cluster", { cluster: "" }, "my-authz"],
    ["a provider whose cluster is not there", { cluster: "nowhere" }, "my-authz"],
    ["a provider nobody knows, though another may fail open", { failOpen: true }, "other"],
  ])("%s denies what its policy matches", async (_name, more, provider) => {
    const plan = await at(0, more, [custom(provider)]).ask({ target: "/admin" });
    expect(replied(plan)).toMatchObject({
      reply: { status: 403, body: "RBAC: access denied" },
      refusal: { reason: "authorizer-unavailable", policy: "default/ext" },
    });
  });

  test("one provider of several policies is asked once", async () => {
    let asked = 0;
    const server = await httpAuthorizer((_request, response) => {
      asked++;
      response.end();
    });
    await at(server.port, {}, [custom("my-authz", "a"), custom("my-authz", "b")]).ask({ target: "/admin" });
    expect(asked).toBe(1);
  });

  test("what an authorizer allows is still judged by the other policies", async () => {
    const server = await httpAuthorizer((_request, response) => {
      response.end();
    });
    const deny: HttpAuthorization = { ...custom(""), action: "DENY", name: "deny" };
    const plan = await at(server.port, {}, [custom(), deny]).ask({ target: "/admin" });
    expect(replied(plan).refusal).toMatchObject({ reason: "denied-by-policy", policy: "default/deny" });
  });
});

describe("over gRPC", () => {
  const ask = async (
    answer: Parameters<typeof grpcAuthorizer>[0],
    asked: Asked = { target: "/admin" },
    more: Partial<L7Authorizer> = {},
    body = bodyOf(""),
  ) => {
    const server = await grpcAuthorizer(answer);
    return await at(server.port, { kind: "grpc", ...more }).ask(asked, body);
  };
  const ok = (more: object = {}) => create(CheckResponseSchema, { status: { code: 0 }, ...more });

  test("the question tells who calls what", async () => {
    let seen: CheckRequest | undefined;
    const asked: Asked = {
      ...post('{"a":1}'),
      target: "/admin/%7Ex?y=z",
      headers: { "X-A": ["1", "2"], "x-request-id": "id-1", "x-envoy-auth-partial-body": "true", "x-b": "Ã©" },
      peer: peerOf({ sni: "app.test" }),
    };
    const plan = await ask(
      (request, done) => {
        seen = request;
        done(null, ok());
      },
      asked,
      { maxRequestBytes: 100 },
      bodyOf('{"a":1}'),
    );
    expect(plan.kind).toBe("forward");
    const { source, destination, request, tlsSession } = seen?.attributes ?? {};
    expect(source).toMatchObject({
      principal: "spiffe://cluster.local/ns/default/sa/sleep",
      address: { socketAddress: { address: "10.0.0.1" } },
    });
    expect(destination?.address?.socketAddress).toMatchObject({ address: "10.0.0.2", portValue: 80 });
    expect(tlsSession?.sni).toBe("app.test");
    expect(request?.http).toMatchObject({
      id: "id-1",
      method: "POST",
      path: "/admin/~x?y=z",
      host: "app.ns",
      scheme: "http",
      protocol: "HTTP/1.1",
      size: 7n,
      body: '{"a":1}',
      headers: {
        ":method": "POST",
        ":path": "/admin/~x?y=z",
        ":authority": "app.ns",
        "x-a": "1,2",
        "x-b": "é",
        "content-length": "7",
        "x-envoy-auth-partial-body": "false",
      },
    });
  });

  test("its changes are made: fields, query and the answer's fields", async () => {
    const header = (key: string, value: string, more: object = {}) => ({ header: { key, value }, ...more });
    const plan = await ask(
      (_request, done) =>
        done(
          null,
          ok({
            httpResponse: {
              case: "okResponse",
              value: {
                headers: [
                  header("X-Set", "1"),
                  header("x-add", "2", { append: true }),
                  header("x-absent", "3", { appendAction: 1 }),
                  header("x-never", "3", { appendAction: 3 }),
                  header("Host", "evil.test"),
                  header(":path", "/evil"),
                  header("content-length", "0"),
                ],
                headersToRemove: ["X-Secret", "host"],
                responseHeadersToAdd: [header("x-out", "4"), header("x-over", "5", { append: false })],
                queryParametersToSet: [{ key: "q", value: "a b" }],
                queryParametersToRemove: ["r"],
              },
            },
          }),
        ),
      { target: "/admin?q=1&r=2&s=3", headers: { "x-set": "0", "x-add": "0", "x-absent": "0", "x-secret": "0" } },
    );
    const sent = forwarded(plan);
    expect(sent.fields.list).toEqual(["x-add", "0", "x-absent", "0", "x-set", "1", "x-add", "2"]);
    expect([sent.target, sent.authority]).toEqual(["/admin?s=3&q=a%20b", "app.ns"]);
    expect(sent.responseEdits).toEqual([
      { set: [], add: [{ name: "x-out", value: "4" }], remove: [] },
      { set: [{ name: "x-over", value: "5" }], add: [], remove: [] },
    ]);
  });

  test("a denial is answered with its status, body and fields", async () => {
    const plan = await ask((_request, done) =>
      done(
        null,
        create(CheckResponseSchema, {
          status: { code: grpc.PERMISSION_DENIED },
          httpResponse: {
            case: "deniedResponse",
            value: {
              status: { code: 401 },
              headers: [{ header: { key: "WWW-Authenticate", value: "Basic" } }],
              body: "sign in",
            },
          },
        }),
      ),
    );
    expect(replied(plan)).toMatchObject({
      reply: { status: 401, flag: "UAEX", body: "sign in", fields: ["www-authenticate", "Basic"] },
      refusal: { reason: "refused-by-authorizer", policy: "default/ext" },
    });
  });

  test("a denial that says nothing else is 403, as is one with an allowing shape", async () => {
    const denied = (more: object) => create(CheckResponseSchema, { status: { code: grpc.UNAUTHENTICATED }, ...more });
    const bare = await ask((_request, done) => done(null, denied({})));
    const odd = await ask((_request, done) => done(null, denied({ httpResponse: { case: "okResponse", value: {} } })));
    for (const plan of [bare, odd]) {
      expect(replied(plan)).toMatchObject({ reply: { status: 403 }, refusal: { reason: "refused-by-authorizer" } });
    }
  });

  test("a gRPC error is no answer", async () => {
    const plan = await ask((_request, done) => done({ code: grpc.UNAVAILABLE, details: "down" }));
    expect(replied(plan)).toMatchObject({ reply: { status: 403 }, refusal: { reason: "authorizer-unavailable" } });
  });
});
