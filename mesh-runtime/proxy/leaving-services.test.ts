import { describe, expect, test } from "vitest";
import type { L7Service, ProxyConfig } from "../xds/proxy-config.ts";
import { LeavingServices } from "./leaving-services.ts";

const service = (name: string): L7Service =>
  ({ service: name, addresses: [], ports: [{ port: 80, cluster: `${name}:80` }] }) as unknown as L7Service;
const config = (...names: string[]): ProxyConfig =>
  ({
    kind: "waypoint",
    services: names.map(service),
    clusters: names.map((name) => ({ key: `${name}:80` })),
  }) as unknown as ProxyConfig;
const served = ({ services, clusters }: ProxyConfig) => [
  services.map((one) => one.service),
  clusters.map(({ key }) => key).sort(),
];

describe("services that a waypoint lost", () => {
  test("are served some seconds more, with what they need, and then no more", () => {
    const leaving = new LeavingServices();
    const [both, one] = [config("a/x", "a/y"), config("a/x")];
    expect(leaving.with(both, undefined, 0)).toBe(both);
    expect(served(leaving.with(one, both, 1_000))).toEqual([
      ["a/x", "a/y"],
      ["a/x:80", "a/y:80"],
    ]);
    expect([...leaving.names]).toEqual(["a/y"]);
    // Other news do not give them more time.
    expect(served(leaving.with(one, one, 9_000))[0]).toEqual(["a/x", "a/y"]);
    expect(leaving.with(one, one, 11_000)).toBe(one);
    expect(leaving.names.size).toBe(0);
  });

  test("that come back are served by their new rules at once", () => {
    const leaving = new LeavingServices();
    const both = config("a/x", "a/y");
    leaving.with(config("a/x"), both, 0);
    expect(leaving.with(both, config("a/x"), 10)).toBe(both);
  });

  test("are forgotten with the Gateway", () => {
    const leaving = new LeavingServices();
    leaving.with(config(), config("a/x"), 0);
    leaving.forget();
    expect(leaving.with(config(), config(), 1)).toEqual(config());
  });
});
