import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { ControlPlaneStandIn } from "./control-plane-stand-in.suite.ts";
import { startProxy } from "./proxy.ts";
import { closeOpened, cluster, listener, opened, proxyConfig, service, settings } from "./proxy-fixtures.suite.ts";

const log = { ...createLog("test"), info: () => undefined, warn: () => undefined, error: () => undefined };
afterEach(closeOpened);

const podIp = `127.${240 + (process.pid % 10)}.${(Math.floor(process.pid / 10) + 50) % 250}.77`;

async function start() {
  const directory = await mkdtemp(join(tmpdir(), "proxy-"));
  const controlPlane = await ControlPlaneStandIn.start(directory);
  opened.push(controlPlane);
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, "token", { mode: 0o600 });
  const listens: string[] = [];
  const proxy = await startProxy(
    {
      ...settings,
      podIp,
      xdsAddress: controlPlane.address,
      xdsRootFile: controlPlane.rootFile,
      tokenFile,
      telemetryEndpoint: "http://127.0.0.1:1",
      telemetryTokenFile: tokenFile,
    },
    {
      log,
      onListen: (name, address, port) => listens.push(`${name} ${address}:${port}`),
      drain: { lameDuckMs: 0, goawayMs: 0, quietMs: 0, finishMs: 0 },
    },
  );
  opened.push(proxy);
  return { controlPlane, proxy, listens };
}

async function page(port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  const request = get({ host: podIp, port, path, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  let body = "";
  for await (const chunk of response) {
    body += String(chunk);
  }
  return { status: response.statusCode, body };
}

const withService = proxyConfig({
  services: [
    {
      service,
      addresses: ["10.0.0.7"],
      ports: [
        {
          port: 8000,
          protocol: "HTTP",
          routes: [],
          cluster: cluster.key,
          defaultRetry: { attempts: 0, on: [], statusCodes: [], backoffBaseMs: 25, unsafeMethods: false },
        },
      ],
      authorizations: [],
      jwtRules: [],
      rateLimits: [],
    },
  ],
  clusters: [cluster],
});

test("a proxy is ready when its first configuration has made it something and all is bound", async () => {
  const { controlPlane, proxy, listens } = await start();
  expect((await page(15021, "/healthz/ready")).status).toBe(503);
  expect(await controlPlane.push(withService)).toBe("");
  await proxy.ready;
  expect((await page(15021, "/healthz/ready")).status).toBe(200);
  expect(listens).toEqual([`hbone ${podIp}:15008`]);
  await proxy.close();
  await expect(page(15021, "/healthz/ready")).rejects.toThrow("ECONNREFUSED");
});

test("a configuration that cannot be prepared is refused with its reason, and the last good one stays", async () => {
  const { controlPlane, proxy } = await start();
  await controlPlane.push(withService);
  await proxy.ready;
  const broken = { key: "default/shop", chain: "no PEM", privateKey: "very-secret" };
  const reason = await controlPlane.push({ ...withService, certificates: [broken] });
  expect(reason).toMatch(/^default\/waypoint: certificate default\/shop: chain or key cannot be used/);
  expect(reason).not.toContain("very-secret");
  const gateway = proxyConfig({ kind: "gateway", listeners: [listener(9000)] });
  expect(await controlPlane.push(gateway)).toMatch(/a running waypoint cannot become a gateway/);

  const dump = JSON.parse((await page(15000, "/config_dump")).body) as {
    status: { rejected: { name: string }[]; kind: string };
    proxyConfig: { services: { service: string }[] };
  };
  expect(dump.proxyConfig.services[0]?.service).toBe(service);
  expect(dump.status).toMatchObject({ kind: "waypoint", rejected: [{ name: "default/waypoint" }] });
});

test("the admin and metrics pages answer", async () => {
  const { controlPlane, proxy } = await start();
  await controlPlane.push(withService);
  await proxy.ready;
  expect((await page(15000, "/clusters")).body).toContain(
    "inbound-vip|8000|http|httpbin.default.svc.cluster.local::membership_total::0\n",
  );
  expect(JSON.parse((await page(15000, "/memory")).body)).toMatchObject({ rss: expect.any(Number) as number });
  for (const [port, path] of [
    [15020, "/metrics"],
    [15020, "/stats/prometheus"],
    [15000, "/stats/prometheus"],
  ] as const) {
    const { body } = await page(port, path);
    expect(body).toContain('istio_build{component="proxy",tag="0.1.0"} 1\n');
    expect(body).toContain("\ntowpath_proxy_threads 1\n");
  }
});
