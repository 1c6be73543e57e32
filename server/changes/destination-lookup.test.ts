import { describe, expect, test, vi } from "vitest";
import type { AllowADestinationForm } from "@/server/contracts/golden-paths/edges.ts";
import { type Lookup, lookupFindings } from "./destination-lookup.ts";

const form = (more: Partial<AllowADestinationForm> = {}): AllowADestinationForm => ({
  namespace: "web-api",
  host: "api.example.com",
  ports: [{ port: 443, protocol: "TLS" }],
  addresses: [],
  callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
  allowed: true,
  ...more,
});
const answers =
  (...addresses: string[]): Lookup =>
  () =>
    Promise.resolve(addresses);
const unknown: Lookup = () => Promise.reject(new Error("ENOTFOUND"));

describe("the host of a destination", () => {
  test.each<[string, Lookup, string[]]>([
    ["that is known is fine", answers("203.0.113.9"), []],
    ["that has a public address beside others is fine", answers("10.0.0.5", "203.0.113.9"), []],
    ["that nobody knows is told", unknown, ["warning host-unknown host"]],
    ["that has no address is told", answers(), ["warning host-unknown host"]],
    ["that leads inside is told", answers("10.0.0.5", "fd00::5"), ["warning address-private host"]],
  ])("%s", async (_what, resolve, expected) => {
    const found = await lookupFindings("allow-a-destination", form(), resolve);
    expect(found.map(({ level, code, field }) => `${level} ${code} ${field}`)).toEqual(expected);
  });

  test("that leads inside can be named by its addresses", async () => {
    const [found] = await lookupFindings("allow-a-destination", form(), answers("10.0.0.5"));
    expect(found?.repair?.values).toEqual({ addresses: ["10.0.0.5"] });
  });

  test("is not looked up where its addresses are fixed, when it is taken back, and of other paths", async () => {
    const resolve = vi.fn(unknown);
    expect(await lookupFindings("allow-a-destination", form({ addresses: ["203.0.113.9"] }), resolve)).toEqual([]);
    expect(await lookupFindings("allow-a-destination", form({ allowed: false }), resolve)).toEqual([]);
    expect(await lookupFindings("join-the-mesh", { namespaces: ["web-api"], enrolled: true }, resolve)).toEqual([]);
    expect(resolve).not.toHaveBeenCalled();
  });

  test("that nobody answers for in time holds nothing up", async () => {
    vi.useFakeTimers();
    const found = lookupFindings("allow-a-destination", form(), () => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await found).map(({ code }) => code)).toEqual(["host-unknown"]);
    vi.useRealTimers();
  });
});
