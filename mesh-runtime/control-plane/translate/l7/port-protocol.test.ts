import { describe, expect, it } from "vitest";
import { portProtocol } from "./port-protocol.ts";

describe("protocol of a port", () => {
  it.each([
    ["http", "", 80, "HTTP"],
    ["http-web", "", 80, "HTTP"],
    ["HTTP-web", "", 80, "HTTP"],
    ["http2", "", 80, "HTTP2"],
    ["http2-web", "", 80, "HTTP2"],
    ["grpc-api", "", 80, "GRPC"],
    ["grpc-web-api", "", 80, "HTTP"],
    ["tcp", "", 80, "TCP"],
    ["tls-in", "", 443, "TCP"],
    ["https", "", 443, "TCP"],
    ["redis-cache", "", 6379, "TCP"],
    ["web", "", 80, "AUTO"],
    ["httpx", "", 80, "AUTO"],
    ["", "", 80, "AUTO"],
    ["constructor", "", 80, "AUTO"],
    ["", "", 3306, "TCP"],
    ["http", "", 3306, "HTTP"],
    ["tcp", "http", 80, "HTTP"],
    ["http", "grpc", 80, "GRPC"],
    ["http", "kubernetes.io/h2c", 80, "HTTP2"],
    ["tcp", "kubernetes.io/ws", 80, "HTTP"],
    ["http", "kubernetes.io/wss", 443, "TCP"],
    ["http", "example.com/own", 80, "AUTO"],
  ] as const)("name %j, appProtocol %j, port %i: %s", (name, appProtocol, port, protocol) => {
    expect(portProtocol({ name, appProtocol, port })).toBe(protocol);
  });
});
