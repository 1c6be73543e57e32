/** Whether a header gets down a chain of real services, as the portal finds it out. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "../../mesh-runtime/api/meta.ts";
import type { ChainCheck } from "../../server/contracts/rollouts.ts";
import { root } from "../../supervisor/config.ts";
import { Company } from "../company.ts";
import { giveWaypoint, manifests } from "../manifests.ts";
import { Visitors } from "../visitors.ts";
import { podCaptured, podReady } from "../workloads.ts";
import { PortalHost } from "./portal-host.ts";

const steps = [{ weight: 0, analysis: false, gate: true }, { weight: 100 }];
const match = [{ by: "header", name: "x-canary", value: "true" }];
const service = { namespace: "purchase-history", name: "purchase-history" };

let company: Company;
let portal: PortalHost;
let release: string;
beforeAll(async () => {
  company = await Company.start();
  portal = await PortalHost.start(company.mesh);
  const visitors = new Visitors(company.mesh.towpath.facts.gateway, 1);
  await visitors.more(20);
  await visitors.stop();
  const spec = { service, kind: "header-canary", stable: "v1", canary: "v2", match, steps };
  release = (await portal.call("start", spec)).id;
  await portal.until(release, ({ hold }) => hold === "gate", "the header leads to the new version");
}, 240_000);
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

const passed = ({ hops }: ChainCheck) => hops.map((hop) => [hop.service, hop.passedOn]);

/** Replaces a Deployment of one pod and waits until the new pod alone is there. */
async function replace(manifest: string, namespace: string, change: (object: KubeObject) => KubeObject = (one) => one) {
  const [before] = await company.pods(namespace);
  const [deployment] = manifests(await readFile(`${root}/demo/${manifest}`, "utf8")).filter(
    ({ kind }) => kind === "Deployment",
  );
  await company.mesh.apply(change(deployment as KubeObject));
  const deadline = performance.now() + 30_000;
  for (;;) {
    const pods = await company.pods(namespace);
    const [pod] = pods;
    const name = pod?.metadata?.name ?? "";
    if (pods.length === 1 && name !== "" && name !== before?.metadata?.name) {
      await podReady(company.mesh, namespace, name);
      await podCaptured(company.mesh, namespace, name);
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`${namespace} was not replaced: ${pods.map(({ metadata }) => metadata?.name).join(", ")}`);
    }
    await new Promise(setImmediate);
  }
}

test("a header that every service passes on gets to the new version, which nobody need ask for at the beginning", async () => {
  const { chain } = await portal.until(release, (details) => details.chain.state !== "not-asked", "it was looked at");
  expect(chain).toMatchObject({
    state: "passes",
    sentence: "web-api and recommendation pass x-canary on: calls with it get v2.",
  });
  expect(passed(chain)).toEqual([
    ["web-api", true],
    ["recommendation", true],
    ["purchase-history", null],
  ]);
  const { reach } = await portal.until(release, (details) => details.reach.length > 1, "the way from outside was seen");
  const { host } = new URL(company.mesh.towpath.facts.gateway);
  expect(reach[0]?.command).toBe(`curl -sS -i -H 'Host: istioinaction.io' -H 'x-canary: true' http://${host}/`);
});

test("a service that drops it is named", async () => {
  await replace("header-dropping-web-api.yaml", "web-api");
  const chain = await portal.call("checkChain", release);
  expect(chain).toMatchObject({
    state: "lost",
    sentence: "web-api does not pass x-canary on: calls behind it get v1.",
  });
  expect(passed(chain)).toEqual([
    ["web-api", false],
    ["recommendation", null],
    ["purchase-history", null],
  ]);
});

test("of programs that say nothing in their answers the proxies tell what they can", async () => {
  // Answers as the demo's programs do, but for who they are.
  const silent = (object: KubeObject): KubeObject => {
    const { spec } = structuredClone(object) as unknown as {
      spec: { template: { spec: { containers: Record<string, unknown>[] } } };
    };
    for (const container of spec.template.spec.containers) {
      container["command"] = ["node", `${root}/scenarios/rollouts/silent-link.ts`];
      container["args"] = ["http://recommendation.recommendation:8080/"];
    }
    return { ...object, spec } as KubeObject;
  };
  await replace("header-dropping-web-api.yaml", "web-api", silent);
  const blind = await portal.call("checkChain", release);
  expect(blind).toMatchObject({
    state: "lost",
    sentence: "x-canary is lost before purchase-history: whether web-api or recommendation drops it could not be seen.",
  });
  await giveWaypoint(company.mesh, "recommendation", ["recommendation"]);
  const seen = await portal.call("checkChain", release);
  expect(seen.sentence).toBe("web-api does not pass x-canary on: calls behind it get v1.");
}, 120_000);
