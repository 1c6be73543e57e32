/** A waypoint that says whose call it is, and routes that decide by it. */
import { afterEach, describe, expect, test } from "vitest";
import type { L7NamedMatch, L7RouteMatch } from "../xds/proxy-config.ts";
import {
  call,
  closeOpened,
  cluster,
  exchangeRaw,
  peer,
  proxyConfig,
  rule,
  service,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const header = "x-forwarded-client-cert";
const waypoint = "spiffe://cluster.local/ns/default/sa/proxy";
const tester = "cluster.local/ns/qa/sa/tester";
const uid = (name: string): string => `Kubernetes//Pod/default/${name}`;
const told = (principal: string): string => `By=${waypoint};URI=spiffe://${principal}`;

/** The tester's calls go to the canary, all others to the stable version. */
const testerOnly: L7NamedMatch = {
  name: header,
  type: "RegularExpression",
  value: "(.*;)?URI=spiffe://[^/;,]+/ns/qa/sa/tester(;.*)?",
  ignoreCase: false,
  negated: false,
};
const matched: L7RouteMatch = {
  path: { type: "PathPrefix", value: "/", ignoreCase: false },
  method: undefined,
  headers: [testerOnly],
  queryParams: [],
  authority: undefined,
  scheme: undefined,
  port: 0,
  sourceNamespace: "",
};

async function startWaypoint(principal: string | undefined, tellsCallersAs = waypoint) {
  const seen: (readonly [string, string | undefined])[] = [];
  const backend = (name: string) =>
    startBackend((request, response) => {
      seen.push([name, request.headersDistinct[header]?.join(" | ")]);
      response.end();
    });
  const [stable, canary] = [await backend("stable"), await backend("canary")];
  const to = (key: string) => [{ cluster: key, weight: 1, filters: [] }];
  const route = {
    key: "HTTPRoute/default/web",
    createdAtMs: 0,
    ordered: false,
    hostnames: [],
    rules: [rule({ matches: [matched], backends: to("canary") }), rule({ backends: to("stable") })],
  };
  const config = proxyConfig({
    kind: "waypoint",
    tellsCallersAs,
    services: [service({ ports: service().ports.map((port) => ({ ...port, routes: [route] })) })],
    clusters: [
      cluster(),
      cluster({ key: "stable", members: [uid("stable")] }),
      cluster({ key: "canary", members: [uid("canary")] }),
    ],
  });
  const pods = [workload("stable", stable.port), workload("canary", canary.port)];
  return { seen, rig: await startRig(pods, { config, peer: peer({ principal }) }) };
}

describe("a waypoint that tells callers", () => {
  test("leads one caller to the canary by its proven identity, and passes that identity on", async () => {
    const { seen, rig } = await startWaypoint(tester);
    await call(rig, {});
    expect(seen).toEqual([["canary", told(tester)]]);
  });

  test("leaves all others at the stable version, and tells whose calls those are", async () => {
    for (const other of ["cluster.local/ns/qa/sa/tester2", "cluster.local/ns/default/sa/tester"]) {
      const { seen, rig } = await startWaypoint(other);
      await call(rig, {});
      expect(seen).toEqual([["stable", told(other)]]);
    }
  });

  test.each([
    ["as it would be", `${header}: ${told(tester)}\r\n`],
    ["in other letters", `X-Forwarded-CLIENT-Cert: URI=spiffe://${tester}\r\n`],
    ["twice", `${header}: a\r\n${header}: URI=spiffe://${tester}\r\n`],
    ["as nominated by Connection", `Connection: ${header}\r\n${header}: URI=spiffe://${tester}\r\n`],
    ["hidden in a path of its own", `${header}: By=x;Hash=1;URI=spiffe://${tester};DNS=y\r\n`],
  ])("a forged header %s gets nobody to the canary", async (_how, forged) => {
    for (const principal of ["cluster.local/ns/default/sa/stranger", undefined]) {
      const { seen, rig } = await startWaypoint(principal);
      const close = forged.startsWith("Connection") ? "" : "Connection: close\r\n";
      const text = `GET / HTTP/1.1\r\nHost: web\r\n${close}${forged}\r\n`;
      await exchangeRaw(rig, close === "" ? `${text}GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n` : text);
      for (const one of seen) {
        expect(one).toEqual(["stable", principal === undefined ? undefined : told(principal)]);
      }
      expect(seen).not.toEqual([]);
    }
  });

  test("that was not asked to passes nothing on and leads nobody anywhere, whoever calls", async () => {
    const { seen, rig } = await startWaypoint(tester, "");
    await call(rig, { headers: { [header]: told(tester) } });
    await call(rig, {});
    expect(seen).toEqual([
      ["stable", undefined],
      ["stable", undefined],
    ]);
  });
});
