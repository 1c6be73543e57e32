/** The portal and the control plane must agree at which ports requests are read. */
import { expect, test } from "vitest";
import { portProtocol } from "../../mesh-runtime/control-plane/translate/l7/port-protocol.ts";
import { speaksHttp } from "../../server/golden-paths/service-routes/http-ports.ts";

const names = ["", "http", "http-web", "http2-x", "HTTP-A", "grpc", "grpc-web", "grpc-web-x", "grpcx", "tcp", "tls-a"];
const more = ["https", "mongo", "redis-1", "mysql", "udp", "web", "http_proxy", "constructor", "httpx", "grpc-webby"];
const protocols = ["", "http", "tcp", "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss", "example.com/x"];

test.each([...names, ...more])("a port named %j is HTTP for both or for none", (name) => {
  for (const appProtocol of protocols) {
    for (const port of [25, 80, 3306, 8080]) {
      const known = portProtocol({ name, port, appProtocol });
      expect(speaksHttp({ name, port, appProtocol }), `${appProtocol} ${port}`).toBe(known !== "TCP");
    }
  }
});

test("other protocols than TCP are none", () => {
  expect(speaksHttp({ name: "http", port: 80, protocol: "UDP" })).toBe(false);
});
