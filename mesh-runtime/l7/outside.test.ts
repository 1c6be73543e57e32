import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  close,
  closeOpened,
  cluster,
  exchangeRaw,
  get,
  opened,
  peer,
  proxyConfig,
  service,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const key = "egress/api.example.com";
const caller = peer({ principal: "cluster.local/ns/shop/sa/web" });

function outsideConfig(endpoints: readonly { host: string; port: number }[], protocol: "HTTP" | "TCP" = "HTTP") {
  const own = cluster({ key: `${key}|80|`, service: key, protocol, outside: { endpoints } });
  const [port] = service().ports;
  if (port === undefined) {
    throw new Error("the rig's service has a port");
  }
  return proxyConfig({
    kind: "waypoint",
    services: [
      service({
        service: key,
        addresses: [],
        ports: [{ ...port, protocol, cluster: own.key }],
        authorizations: [
          {
            name: "callers",
            namespace: "egress",
            action: "ALLOW",
            dryRun: false,
            provider: "",
            rules: [{ from: [{ serviceAccounts: [{ namespace: "shop", serviceAccount: "web" }] }], to: [], when: [] }],
          },
        ],
      }),
    ],
    clusters: [own],
  });
}

const rigOf = (config: ReturnType<typeof outsideConfig>, who = caller) =>
  startRig([], { config, peer: who, target: (engine) => engine.destination("api.example.com", 80) });

test("a request goes to the address that is named, as what was asked for", async () => {
  const hosts: (string | undefined)[] = [];
  const { port } = await startBackend((request, response) => {
    hosts.push(request.headers.host);
    response.end("outside");
  });
  const rig = await rigOf(outsideConfig([{ host: "127.0.0.1", port }]));
  const answer = await exchangeRaw(rig, `GET /x HTTP/1.1\r\nHost: api.example.com\r\n${close}\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*outside$/);
  expect(hosts).toEqual(["api.example.com"]);
  expect(rig.outcomes[0]).toMatchObject({ status: 200, endpoint: { outside: true } });
});

test("who may not call gets 403, and nothing is dialled", async () => {
  let called = 0;
  const { port } = await startBackend((_request, response) => {
    called += 1;
    response.end();
  });
  const rig = await rigOf(outsideConfig([{ host: "127.0.0.1", port }]), peer({ principal: "cluster.local/ns/a/sa/b" }));
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 403 /);
  expect(called).toBe(0);
});

test.each(["localhost", "127.1", "0x7f.1"])("a name that leads to this machine, %s, is not called", async (host) => {
  let called = 0;
  const { port } = await startBackend((_request, response) => {
    called += 1;
    response.end();
  });
  const rig = await rigOf(outsideConfig([{ host, port }]));
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 503 /);
  expect([called, rig.outcomes[0]?.flag]).toEqual([0, "UF"]);
});

test("an address of a pod is not called as one outside: there are policies in front of it", async () => {
  let called = 0;
  const { port } = await startBackend((_request, response) => {
    called += 1;
    response.end();
  });
  const config = outsideConfig([{ host: "127.0.0.1", port }]);
  const rig = await startRig([workload("pod", port)], {
    config,
    peer: caller,
    target: (engine) => engine.destination("api.example.com", 80),
  });
  expect(await exchangeRaw(rig, get("/"))).toMatch(/^HTTP\/1\.1 503 /);
  expect(called).toBe(0);
});

test("bytes of a port that is no HTTP are carried for who may call, and reset for others", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  opened.push(server);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const config = outsideConfig([{ host: "127.0.0.1", port }], "TCP");
  const say = (rig: { port: number }) =>
    new Promise<string | undefined>((resolve) => {
      const socket = connect({ port: rig.port, host: "127.0.0.1" });
      socket.on("error", () => undefined);
      socket.once("close", () => resolve(undefined));
      socket.once("data", (data: Buffer) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.write("hello");
    });
  expect(await say(await rigOf(config))).toBe("hello");
  const stranger = await rigOf(config, peer({ principal: "cluster.local/ns/a/sa/b" }));
  const refused = stranger.nextTunnel("refused");
  expect(await say(stranger)).toBeUndefined();
  expect(await refused).toMatchObject({ service: key, refusal: { reason: "no-allow-policy-matched" } });
});
