import { describe, expect, test } from "vitest";
import { serviceEntryKind } from "../kinds/serviceentry.ts";
import { verdictOf } from "./verdict.suite.ts";

const port = { number: 443, name: "tls", protocol: "TLS" };
const entry = (spec: object, labels: Record<string, string> = {}) =>
  verdictOf(serviceEntryKind, { hosts: ["a.example"], ports: [port], resolution: "DNS", ...spec }, { labels });
const fixed = (endpoint: object, spec: object = {}) => entry({ resolution: "STATIC", endpoints: [endpoint], ...spec });

describe("a ServiceEntry may have", () => {
  test.each([
    ["fixed addresses", fixed({ address: "10.0.0.1", ports: { tls: 8443 }, labels: { a: "b" } })],
    ["a socket", fixed({ address: "unix:///run/a.sock" })],
    ["a wildcard with endpoints", entry({ hosts: ["*.a.example"], endpoints: [{ address: "b.example" }] })],
    ["several hosts by name", entry({ hosts: ["a.example", "b.example"] })],
    ["export to nobody", entry({ exportTo: ["~"] })],
    [
      "pods of the mesh",
      entry({ resolution: "STATIC", location: "MESH_INTERNAL", workloadSelector: { labels: { a: "b" } } }),
    ],
  ])("%s", (_what, said) => {
    expect(said).toEqual({ refusal: "", warnings: [] });
  });
});

describe("a ServiceEntry may not have", () => {
  test.each([
    [
      "an endpoint's port that it does not have",
      fixed({ address: "10.0.0.1", ports: { other: 1 } }),
      "endpoint port 1 is not defined by the service entry",
    ],
    [
      "a socket for two ports",
      fixed({ address: "unix:///a" }, { ports: [port, { number: 1, name: "b" }] }),
      "exactly 1 service port required for unix endpoints",
    ],
    ["a socket without a path", fixed({ address: "unix://a" }), "UDS must be an absolute path or abstract socket"],
    [
      "a name that is none as an endpoint",
      entry({ endpoints: [{ address: "a_b" }] }),
      'endpoint address "a_b" is not a valid FQDN or an IP address',
    ],
    [
      "several hosts over plain TCP",
      entry({ hosts: ["a.example", "b.example"], ports: [{ ...port, protocol: "TCP" }] }),
      "multiple hosts provided with non-HTTP, non-TLS ports",
    ],
    [
      "two endpoints in a rotation",
      entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a" }, { address: "b" }] }),
      "DNS_ROUND_ROBIN mode cannot have multiple endpoints",
    ],
    [
      "names found at call time without a star",
      entry({ resolution: "DYNAMIC_DNS" }),
      "host must be wildcarded for resolution mode DYNAMIC_DNS",
    ],
    [
      "names found at call time over TCP",
      entry({ hosts: ["*.a"], resolution: "DYNAMIC_DNS", ports: [{ ...port, protocol: "TCP" }] }),
      "only HTTP and TLS protocol is supported for resolution type DYNAMIC_DNS",
    ],
    [
      "names found at call time inside the mesh",
      entry({ hosts: ["*.a"], resolution: "DYNAMIC_DNS", location: "MESH_INTERNAL" }),
      "location must be MESH_EXTERNAL for resolution type DYNAMIC_DNS",
    ],
    ["a port name with an underscore", entry({ ports: [{ ...port, name: "a_b" }] }), "invalid port name: a_b"],
    ["no spec", verdictOf(serviceEntryKind, {}), "spec.hosts: Required value"],
    [
      "export to nobody and somebody",
      entry({ exportTo: ["~", "a"] }),
      "cannot export service entry to no one (~) and someone",
    ],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toContain(text);
  });
});

describe("a ServiceEntry is warned of", () => {
  test.each([
    [
      "a selector of nothing",
      entry({ workloadSelector: {}, resolution: "STATIC" }),
      "will be applied to all services in namespace",
    ],
    [
      "TCP without an address that could be chosen",
      entry({ ports: [{ number: 1, name: "a" }] }, { "networking.istio.io/enable-autoallocate-ip": "false" }),
      "addresses are required for ports serving TCP (or unset) protocol",
    ],
    [
      "a star that is no label",
      entry({ hosts: ["*a.example"], endpoints: [{ address: "b.example" }] }),
      'partial wildcard "*a.example" not allowed',
    ],
    [
      "a selector that finds nothing",
      entry({ resolution: "NONE", workloadSelector: { labels: { a: "b" } } }),
      "workloadSelector should not be set when resolution mode is NONE",
    ],
    ["an endpoint in another network", fixed({ network: "n" }), 'address is unset with network "n"'],
  ])("%s", (_what, said, text) => {
    expect(said.refusal).toBe("");
    expect(said.warnings.join()).toContain(text);
  });
});
