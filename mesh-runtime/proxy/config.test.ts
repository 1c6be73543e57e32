import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const env = {
  POD_NAME: "ingress-istio-1",
  POD_NAMESPACE: "istio-ingress",
  POD_IP: "127.16.1.10",
  NODE_NAME: "node-a",
  SERVICE_ACCOUNT: "ingress-istio",
  GATEWAY_NAME: "ingress",
  WORKLOAD_NAME: "ingress-istio",
  TOWPATH_XDS_ADDRESS: "127.16.0.1:15012",
  TOWPATH_XDS_ROOT: "/root.pem",
  TOWPATH_TOKEN_FILE: "/token",
  TOWPATH_TELEMETRY_ENDPOINT: "http://127.0.0.1:3000",
  TOWPATH_TELEMETRY_TOKEN_FILE: "/telemetry-token",
};

test("reads what the node runner gives", () => {
  const config = readConfig({ ...env, TOWPATH_HOST_PORTS: '{"8080":{"hostIP":"127.0.0.1","hostPort":8081}}' });
  expect(config).toMatchObject({ gateway: "ingress", podIp: "127.16.1.10", trustDomain: "cluster.local" });
  expect(config.hostPorts.get(8080)).toEqual({ hostIP: "127.0.0.1", hostPort: 8081 });
});

test("without host ports nothing is published", () => {
  expect(readConfig(env).hostPorts.size).toBe(0);
});

test.each([
  ["POD_IP", "host"],
  ["GATEWAY_NAME", ""],
  ["TOWPATH_TELEMETRY_ENDPOINT", "portal"],
  ["TOWPATH_HOST_PORTS", "{"],
  ["TOWPATH_HOST_PORTS", '{"http":{"hostIP":"127.0.0.1","hostPort":1}}'],
])("names %s when it is wrong", (name, value) => {
  expect(() => readConfig({ ...env, [name]: value })).toThrow(name);
});
