import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webhookRule } from "@/server/contracts/rollout-spec.ts";
import { refusedAddress } from "./address.ts";
import { createWebhooks } from "./webhooks.ts";

const asked: { path: string; body: string }[] = [];
const answer: RequestListener = (request, response) => {
  const path = request.url ?? "";
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    asked.push({ path, body });
    if (path === "/silent") {
      return;
    }
    if (path === "/redirect") {
      response.writeHead(302, { location: "/200" }).end();
      return;
    }
    response.writeHead(Number(path.slice(1))).end("ok");
  });
};
const server = createServer(answer);
let base = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const rule = (url: string, timeout = "5s", when = "during") => webhookRule.parse({ name: "smoke", when, url, timeout });
const here = createWebhooks({ allowLoopback: true });

describe("webhooks", () => {
  test.each([
    ["/200", "passed", "200"],
    ["/204", "passed", "204"],
    ["/202", "waiting", "202"],
    ["/500", "failed", "500"],
    ["/404", "failed", "404"],
    ["/redirect", "failed", "302"],
  ])("an answer %s: %s", async (path, outcome, words) => {
    asked.length = 0;
    expect(await here.ask([rule(`${base}${path}`)], "during", { canary: "v2" })).toEqual([
      { name: "smoke", outcome, words },
    ]);
    // Nothing was followed, and the facts came along.
    expect(asked).toEqual([{ path, body: JSON.stringify({ canary: "v2", webhook: "smoke", when: "during" }) }]);
  });

  test("only those of the moment are asked", async () => {
    asked.length = 0;
    expect(await here.ask([rule(`${base}/200`)], "before", {})).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("who does not answer in time failed", async () => {
    const [outcome] = await here.ask([rule(`${base}/silent`, "50ms")], "during", {});
    expect(outcome).toEqual({ name: "smoke", outcome: "failed", words: "did not answer within 50ms" });
  });

  test.each([
    ["/200", "passed", "200"],
    ["/202", "waiting", "202"],
    ["/500", "waiting", "500"],
    ["/503", "waiting", "503"],
    ["/silent", "waiting", "did not answer within 50ms"],
    ["/404", "failed", "404"],
    ["/redirect", "failed", "302"],
  ])("at the beginning and the end, where it is asked again, %s: %s", async (path, outcome, words) => {
    const timeout = path === "/silent" ? "50ms" : "5s";
    for (const when of ["before", "after"] as const) {
      expect(await here.ask([rule(`${base}${path}`, timeout, when)], when, {})).toEqual([
        { name: "smoke", outcome, words },
      ]);
    }
  });

  test("nobody there is no answer yet; an address that may not be asked is a no", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const nobody = `http://127.0.0.1:${port}/`;
    expect(await here.ask([rule(nobody, "5s", "before")], "before", {})).toEqual([
      { name: "smoke", outcome: "waiting", words: expect.stringContaining("could not be asked") as string },
    ]);
    const away = createWebhooks({ allowLoopback: false });
    for (const url of [nobody, nobody.replace("127.0.0.1", "localhost")]) {
      expect((await away.ask([rule(url, "5s", "before")], "before", {}))[0]).toMatchObject({ outcome: "failed" });
    }
  });

  test("a name that leads to this machine is not asked where that is not allowed", async () => {
    asked.length = 0;
    const away = createWebhooks({ allowLoopback: false });
    const [outcome] = await away.ask([rule(`${base}/200`)], "during", {});
    expect(outcome?.outcome).toBe("failed");
    expect(outcome?.words).toContain("is this machine itself");
    expect(asked).toEqual([]);
  });

  test.each([
    "http://169.254.169.254/latest",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://[::ffff:169.254.169.254]/",
  ])("%s is not asked", async (url) => {
    const [outcome] = await here.ask([rule(url, "1s")], "during", {});
    expect(outcome?.words).toMatch(/no address that a webhook may have/);
  });

  test("credentials in an address are neither taken nor sent", async () => {
    const url = "http://user:word@example.com/";
    expect(() => rule(url)).toThrow("Leave out name and password");
    expect(() => rule("http://example.com/?to=a@b")).not.toThrow();
    const [outcome] = await here.ask([{ ...rule("http://example.com/"), url }], "during", {});
    expect(outcome?.words).toMatch(/no plain http/);
  });
});

test.each([
  ["10.0.0.7", false, ""],
  ["127.0.0.1", true, ""],
  ["127.0.0.1", false, "127.0.0.1 is this machine itself"],
  ["::ffff:127.0.0.1", false, "::ffff:127.0.0.1 is this machine itself"],
  ["169.254.169.254", true, "169.254.169.254 is no address that a webhook may have"],
  ["64:ff9b::a9fe:a9fe", true, "64:ff9b::a9fe:a9fe is no address that a webhook may have"],
  ["2002:a9fe:a9fe::1", true, "2002:a9fe:a9fe::1 is no address that a webhook may have"],
  ["::a9fe:a9fe", true, "::a9fe:a9fe is no address that a webhook may have"],
  ["::1", true, ""],
  ["::ffff:10.0.0.7", false, ""],
  ["fd12:3456::7", false, ""],
  ["fd00:ec2::254", true, "fd00:ec2::254 is no address that a webhook may have"],
])("address %s, this machine allowed %s: %j", (address, allowed, why) => {
  expect(refusedAddress(address, allowed)).toBe(why);
});
