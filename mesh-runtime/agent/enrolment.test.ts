import { EventEmitter, once } from "node:events";
import { Agent, type RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, expect, test } from "vitest";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { allow, pod, strict } from "./test-node.suite.ts";
import { call, serverAddress, twoNodes } from "./two-nodes.suite.ts";

let authority: TestAuthority;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const echo: RequestListener = (incoming, response) => void incoming.pipe(response);

/** Callers that never stop, with and without bodies. */
interface Load {
  /** Waits until so many more calls were answered. */
  more(answers: number): Promise<void>;
  /** What they were answered, by status. */
  stop(): Promise<Map<number | string, number>>;
}

function load(callers: number): Load {
  const calls = new EventEmitter();
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const statuses = new Map<number | string, number>();
  let running = true;
  const caller = async (index: number): Promise<void> => {
    while (running) {
      const options = index % 2 === 0 ? {} : { method: "POST", body: "x".repeat(2_000) };
      const status = await call("http://server.server/", { agent, ...options }).then(
        (answer) => answer.status,
        (error: unknown) => String(error),
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      calls.emit("answered");
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
  return {
    more: async (answers) => {
      for (let left = answers; left > 0; left -= 1) {
        await once(calls, "answered");
      }
    },
    stop: async () => {
      running = false;
      await all;
      agent.destroy();
      return statuses;
    },
  };
}

test("no request fails while both ends join and leave the mesh under load", async () => {
  const { a, b, enrol } = await twoNodes(authority, closing, echo);
  const { more, stop } = load(16);
  for (const step of [
    () => enrol("server"),
    () => enrol("client"),
    () => enrol("client", false),
    () => enrol("server", false),
    () => enrol("client"),
    () => enrol("server"),
  ]) {
    await more(20);
    await step();
  }
  await more(20);
  const statuses = await stop();
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(100);
  const policies = new Set(a.take().requests.map(({ labels }) => labels.connection_security_policy));
  expect(policies).toEqual(new Set(["none", "mutual_tls"]));
  expect(b.take().denials).toEqual([]);
}, 30_000);

test("requests use the new way at once when the destination joins", async () => {
  const { a, enrol } = await twoNodes(authority, closing, echo);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  await enrol("client");
  await call("http://server.server/", { agent });
  await enrol("server");
  await call("http://server.server/", { agent });
  const counts = a.take().requests.map(({ labels, count }) => [labels.connection_security_policy, count]);
  expect(counts).toEqual([
    ["none", 1],
    ["mutual_tls", 1],
  ]);
});

test("an agent that comes back lets nothing through before it knows the policy", async () => {
  const { mesh, b, enrol } = await twoNodes(authority, closing, echo);
  await enrol("server");
  await b.registry.close();
  const synced = Promise.withResolvers<void>();
  const again = mesh.node("b again", { synced: synced.promise });
  const standing = again.put({ ...pod("server", serverAddress, 1), captured: true });
  // Whoever calls now waits, in plain text and by HBONE alike.
  const early = call("http://server.server/");
  const first = await Promise.race([early, standing, delay(100, "held")]);
  expect(first).toBe("held");
  mesh.policy(strict, allow("server"));
  synced.resolve();
  expect((await early).status).toBe(503);
  expect(await standing).toMatchObject({ type: "ack", captured: true });
  expect(again.take().denials).toHaveLength(1);
});

test("a selector policy that is named but not known refuses", async () => {
  const { mesh, b, enrol } = await twoNodes(authority, closing, echo);
  await enrol("server");
  mesh.change("Kubernetes//Pod/server/server", { authorizationPolicies: ["server/missing"] });
  expect((await call("http://server.server/")).status).toBe(503);
  expect(b.take().denials[0]).toMatchObject({ reason: "unknown-policy", policy: "server/missing" });
});

test("a certificate that is renewed under load fails no request", async () => {
  const { mesh, enrol } = await twoNodes(authority, closing, echo);
  await enrol("server");
  await enrol("client");
  const { more, stop } = load(8);
  for (let round = 0; round < 4; round += 1) {
    await more(10);
    await mesh.identity("client", "client");
    await mesh.identity("server", "server");
  }
  expect([...(await stop()).keys()]).toEqual([200]);
}, 30_000);
