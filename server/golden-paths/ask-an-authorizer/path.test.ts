import { describe, expect, test } from "vitest";
import { type Around, codesOf, filled, meshConfig, reopened } from "../access/filled-in.suite.ts";
import { asks, httpbin, knows, waypoint } from "../access/sample-intents.suite.ts";

const place = "ConfigMap istio-system/istio";
const provider = (service: string, port = 80, more = "") =>
  `extensionProviders: [{name: doorman, envoyExtAuthzHttp: {service: ${service}, port: ${port}${more}}}]`;
const known = provider("sleep.default.svc.cluster.local");
const around = (mesh: string, more: Around = {}): Around => ({
  sample: { waypoint: "default" },
  intents: [waypoint("default")],
  change: meshConfig(mesh),
  ...more,
});
const ask = (values: object = {}, where: Around = around(known)) =>
  filled("ask-an-authorizer", { service: httpbin, authorizer: "doorman", ...values }, where);
const add = { protocol: "http", service: { namespace: "default", name: "sleep" }, port: 80 };

describe("what is asked", () => {
  test("comes with the waypoint that asks", () => {
    const form = ask({}, { change: meshConfig(known) });
    expect(form.plan.changes.map(({ key }) => key)).toEqual([
      "ask-an-authorizer/default/httpbin/doorman",
      "give-a-waypoint/default",
    ]);
    expect(codesOf(form)).toEqual(["info waypoint-missing service Namespace default"]);
  });

  test("an authorizer that the mesh learns of is for platform engineers", () => {
    const form = ask({ add }, around(""));
    expect(form.plan.namespaces).toEqual(["default", "istio-system"]);
    expect(form.plan.changes.map(({ key }) => key)).toContain("know-an-authorizer/doorman");
    expect(codesOf(form)).toEqual([]);
    expect(ask().plan.namespaces).toEqual(["default"]);
  });

  test("is said with its scope", () => {
    expect(ask({ methods: ["POST", "PUT"], paths: ["/admin/*"], exceptPaths: ["/admin/health"] }).sentence).toBe(
      "Asks doorman about POST or PUT /admin/*, except /admin/health to httpbin before it gets through. When it says no, or does not answer, the request is refused.",
    );
  });

  test("the form opens again as it was", () => {
    expect(reopened(asks({ paths: ["/admin/*"] }), "ask-an-authorizer")).toEqual({
      values: {
        service: httpbin,
        authorizer: "doorman",
        methods: [],
        paths: ["/admin/*"],
        exceptPaths: [],
        add: null,
        asked: true,
      },
      summary: "doorman decides about /admin/*",
    });
  });
});

describe("findings", () => {
  test.each<[string, object, string, string[]]>([
    ["nothing where all is there", {}, known, []],
    ["an authorizer that the mesh does not know", {}, "", [`error authorizer-missing authorizer ${place}`]],
    [
      "one whose service does not exist",
      {},
      provider("nobody.default.svc.cluster.local"),
      [`error authorizer-missing authorizer ${place}`],
    ],
    [
      "one whose service has no such port",
      {},
      provider("sleep.default.svc.cluster.local", 81),
      [`error authorizer-missing authorizer ${place}`],
    ],
    [
      "one by which requests pass when it does not answer",
      {},
      provider("default/sleep.default.svc.cluster.local", 80, ", failOpen: true"),
      [`warning rule-without-effect authorizer ${place}`],
    ],
    ["a name that is taken", { add }, known, [`error managed-elsewhere authorizer ${place}`]],
    ["a configuration that cannot be read", { add }, "{", [`error managed-elsewhere add ${place}`]],
    [
      "a new one without a service",
      { add: { ...add, service: { namespace: "default", name: "nobody" } } },
      "",
      ["error authorizer-missing add.service"],
    ],
    ["a new one at a port that is not there", { add: { ...add, port: 81 } }, "", ["error unknown-port add.port"]],
    [
      "a service that would decide about itself",
      { add: { ...add, service: httpbin, port: 8000 } },
      "",
      ["error rule-without-effect add.service"],
    ],
    ["exceptions that leave nothing", { exceptPaths: ["/*"] }, known, ["error rule-without-effect exceptPaths.0"]],
    ["a path that no request has", { paths: ["/./a"] }, known, ["error value-never-matches paths.0"]],
  ])("tell of %s", (_what, values, mesh, expected) => {
    expect(codesOf(ask(values, around(mesh)))).toEqual(expected);
  });

  test("an authorizer that others ask is not forgotten", () => {
    const other = asks({ service: { namespace: "web-api", name: "web-api" } });
    const where = around("", { intents: [waypoint("default"), knows, asks(), other] });
    expect(codesOf(ask({ add, asked: false }, where))).toEqual(["error authorizer-missing add"]);
    expect(codesOf(ask({ asked: false }, where))).toEqual([]);
  });

  test("no request proves what only the authorizer knows", () => {
    expect(ask().probes).toEqual([]);
  });
});
