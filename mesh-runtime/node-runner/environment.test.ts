import { describe, expect, test } from "vitest";
import { containerEnvironment, EnvironmentError, expand } from "./environment.ts";
import type { Container, Pod } from "./pod-types.ts";

const container = (over: Partial<Container> = {}): Container => ({
  name: "app",
  ports: [{ containerPort: 8080 }],
  ...over,
});
const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "ns", uid: "u", labels: { app: "a", "x/y": "z" } },
  spec: { containers: [], serviceAccountName: "sa" },
};
const make = (spec: Container, proxy?: Record<string, string>) =>
  containerEnvironment({
    pod,
    container: spec,
    podIP: "127.9.1.10",
    nodeName: "node-a",
    hostIP: "127.9.1.1",
    appPorts: new Map([
      [8080, 20_001],
      [9090, 20_002],
    ]),
    path: "/bin",
    home: "/tmp/x",
    compileCache: "/tmp/c",
    ...(proxy && { proxy }),
  });

describe("containerEnvironment", () => {
  test("leads every call out to the pod's own front, in both cases of the names", () => {
    const env = make(container());
    for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]) {
      expect(env[name]).toBe("http://127.9.1.10:15001");
    }
    expect(env).toMatchObject({ NODE_USE_ENV_PROXY: "1", no_proxy: "", NO_PROXY: "" });
  });

  test("tells the private port of each container port; PORT is the first", () => {
    const env = make(container({ ports: [{ containerPort: 8080 }, { containerPort: 9090 }] }));
    expect(env).toMatchObject({ PORT: "20001", PORT_8080: "20001", PORT_9090: "20002" });
  });

  test("a proxy binds its own ports and gets no outbound front", () => {
    const env = make(container(), { GATEWAY_NAME: "ingress" });
    expect(env).toMatchObject({ PORT: "8080", GATEWAY_NAME: "ingress" });
    expect(env).not.toHaveProperty("http_proxy");
  });

  test("inherits nothing of the runner's own environment", () => {
    process.env["TOWPATH_TEST_SECRET"] = "x";
    expect(make(container())).not.toHaveProperty("TOWPATH_TEST_SECRET");
  });

  test.each([
    ["metadata.name", "p"],
    ["metadata.namespace", "ns"],
    ["metadata.uid", "u"],
    ["metadata.labels['x/y']", "z"],
    ["metadata.labels['none']", ""],
    ["spec.nodeName", "node-a"],
    ["spec.serviceAccountName", "sa"],
    ["status.podIP", "127.9.1.10"],
    ["status.hostIP", "127.9.1.1"],
  ])("fieldRef %s", (fieldPath, value) => {
    expect(make(container({ env: [{ name: "V", valueFrom: { fieldRef: { fieldPath } } }] }))).toMatchObject({
      V: value,
    });
  });

  test("refuses what it cannot give instead of leaving it out", () => {
    const secret = container({ env: [{ name: "V", valueFrom: { secretKeyRef: { key: "k", name: "s" } } }] });
    expect(() => make(secret)).toThrow(EnvironmentError);
    expect(() => make(container({ envFrom: [{ configMapRef: { name: "c" } }] }))).toThrow(EnvironmentError);
  });
});

test.each([
  ["$(A)-$(B)", "1-2"],
  ["$(NONE)", "$(NONE)"],
  ["$$(A)", "$(A)"],
  ["$A {A} $", "$A {A} $"],
])("expands %j to %j", (text, expected) => {
  expect(expand(text, { A: "1", B: "2" })).toBe(expected);
});
