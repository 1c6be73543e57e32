import { describe, expect, it } from "vitest";
import { OutsideResolver } from "./outside-resolver.ts";

const answers = (...addresses: string[]) =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

describe("names outside", () => {
  it("lead to the addresses that they may lead to", async () => {
    const refused: string[] = [];
    const resolver = new OutsideResolver({
      resolve: () => Promise.resolve(answers("127.0.0.1", "203.0.114.7", "fd00::1")),
      onRefused: (host, addresses) => refused.push(`${host}: ${addresses.join(", ")}`),
    });
    expect(await resolver.addresses("a.example")).toEqual(answers("203.0.114.7"));
    expect(refused).toEqual(["a.example: 127.0.0.1, fd00::1"]);
  });

  it.each([["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1", "::1"]])(
    "that lead to %s alone lead nowhere",
    async (...own) => {
      const resolver = new OutsideResolver({ resolve: () => Promise.resolve(answers(...own)) });
      await expect(resolver.addresses("a.example")).rejects.toMatchObject({
        code: "connect",
        message: "a.example has no address that may be called",
      });
    },
  );

  it("are asked for again only after a while, and a failure is forgotten sooner", async () => {
    let nowMs = 0;
    let asked = 0;
    let fails = false;
    const resolver = new OutsideResolver({
      now: () => nowMs,
      resolve: () => {
        asked += 1;
        return fails ? Promise.reject(new Error("SERVFAIL")) : Promise.resolve(answers("203.0.114.7"));
      },
    });
    const ask = () =>
      resolver.addresses("a.example").then(
        () => "found",
        () => "failed",
      );
    expect([await ask(), await ask(), asked]).toEqual(["found", "found", 1]);
    nowMs = 15_000;
    fails = true;
    expect([await ask(), await ask(), asked]).toEqual(["failed", "failed", 2]);
    nowMs = 16_000;
    fails = false;
    expect([await ask(), asked]).toEqual(["found", 3]);
  });

  it("are looked at anew when they change: what was fine once is no pass for later", async () => {
    let nowMs = 0;
    let address = "203.0.114.7";
    const resolver = new OutsideResolver({ now: () => nowMs, resolve: () => Promise.resolve(answers(address)) });
    await resolver.addresses("a.example");
    address = "127.0.0.1";
    nowMs = 15_000;
    await expect(resolver.addresses("a.example")).rejects.toMatchObject({ code: "connect" });
  });

  it("are forgotten when there are too many", async () => {
    let asked = 0;
    const resolver = new OutsideResolver({
      now: () => 0,
      resolve: () => {
        asked += 1;
        return Promise.resolve(answers("203.0.114.7"));
      },
    });
    for (let index = 0; index <= 1_000; index += 1) {
      await resolver.addresses(`${index}.example`);
    }
    await resolver.addresses("0.example");
    expect(asked).toBe(1_002);
  });
});
