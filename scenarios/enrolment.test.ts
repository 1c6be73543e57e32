import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestMesh } from "./mesh.ts";
import { runInPod } from "./pod-session.ts";
import { Visitors, visit } from "./visitors.ts";
import { allow, deny, enforce, namespace, podRef, type WithConditions } from "./workloads.ts";

const company = ["web-api", "recommendation", "purchase-history", "default"];

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await TestMesh.start({ demo: true });
  await allReady(mesh);
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

async function pods(at: string): Promise<readonly WithConditions[]> {
  return (await mesh.client.list(podRef, { namespace: at })).items;
}

/** The demo answers as a whole: the gateway's route, all services, both versions. */
async function allReady(target: TestMesh): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { status, body } = await visit(target.towpath.facts.gateway);
    if (status === 200 && body.includes("purchase-history")) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`the demo does not answer: ${status} ${body}`);
    }
    await new Promise(setImmediate);
  }
}

describe("enrolling the company", () => {
  test("no request fails, no pod restarts, and the traffic becomes mutually authenticated", async () => {
    const uids = async (): Promise<string[]> =>
      (await Promise.all(company.map(pods))).flat().map(({ metadata }) => metadata?.uid ?? "");
    const before = await uids();
    const visitors = new Visitors(mesh.towpath.facts.gateway);
    await visitors.more(50);
    for (const name of company) {
      await mesh.apply(namespace(name, true));
    }
    for (const name of company) {
      for (const { metadata } of await pods(name)) {
        await mesh.until(
          podRef,
          { namespace: name, name: metadata?.name ?? "" },
          (pod) => pod?.metadata?.annotations?.["ambient.istio.io/redirection"] === "enabled",
        );
      }
    }
    await visitors.more(200);
    const visits = await visitors.stop();
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await uids()).sort()).toEqual(before.sort());
    await mesh.collector.until(
      ({ batches }) =>
        batches
          .flatMap(({ secured }) => secured)
          .find(
            ({ sourcePrincipal, destinationPrincipal }) =>
              sourcePrincipal.endsWith("/ns/recommendation/sa/recommendation") &&
              destinationPrincipal.endsWith("/ns/purchase-history/sa/purchase-history"),
          ),
      "the handshake between recommendation and purchase-history",
    );
    const secured = mesh.collector.batches.flatMap((batch) => batch.secured);
    expect(new Set(secured.map(({ tlsVersion }) => tlsVersion))).toEqual(new Set(["TLSv1.3"]));
  });
});

describe("a new policy", () => {
  test("cuts connections that stand", async () => {
    const [sleep] = (await pods("default")).filter(({ metadata }) => metadata?.labels?.["app"] === "sleep");
    const pod = { namespace: "default", name: sleep?.metadata?.name ?? "" };
    // A request that would take a minute is under way when the policy comes.
    const slow = runInPod(mesh.kubeconfig, pod, [
      ...["towpath-request", "--json", "--url", "http://httpbin.default:8000/delay/60", "--timeout-ms", "90000"],
    ]);
    await mesh.collector.until(
      ({ batches }) =>
        batches
          .flatMap(({ connections }) => connections)
          .find(({ labels, opened }) => labels.destination_workload === "httpbin" && opened > 0),
      "the connection to httpbin",
    );
    const startMs = performance.now();
    await enforce(mesh, deny("default", "no-sleep", ["default/sleep"]));
    const { stdout } = await slow;
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(JSON.parse(stdout)).toMatchObject({ n: 1 });
    expect(JSON.parse(stdout).status).not.toBe(200);
    await mesh.delete(deny("default", "no-sleep", []));
  });

  test("holds from the first request after an agent was killed", async () => {
    await enforce(mesh, allow("web-api", "nobody", ["default/nobody"]));
    const agents = ["agent-node-a", "agent-node-b"].map((name) => mesh.towpath.processes.get(name));
    const visitors = new Visitors(mesh.towpath.facts.gateway);
    await visitors.more(20);
    for (const agent of agents) {
      process.kill(agent?.pid ?? 0, "SIGKILL");
    }
    await mesh.collector.until(({ denials }) => {
      const last = denials.at(-1);
      return last !== undefined && last.timeUnixMs > Date.now() - 500 ? last : undefined;
    }, "refusals after the agents came back");
    await visitors.more(50);
    const visits = await visitors.stop();
    expect(visits.filter(({ status }) => status === 200)).toEqual([]);
    await mesh.delete(allow("web-api", "nobody", []));
  });
});

describe("the way around", () => {
  test("a process outside the pod cannot use the pod's proxy", async () => {
    const [sleep] = (await pods("default")).filter(({ metadata }) => metadata?.labels?.["app"] === "sleep");
    const ask = (): Promise<{ readonly connected: boolean; readonly text: string }> =>
      new Promise((resolve) => {
        const socket = connect({ host: sleep?.status?.podIP ?? "", port: 15001 });
        let connected = false;
        let text = "";
        socket.setTimeout(10_000, () => socket.destroy());
        socket.on("connect", () => {
          connected = true;
          socket.write("GET http://httpbin.default:8000/get HTTP/1.1\r\nHost: httpbin.default:8000\r\n\r\n");
        });
        socket.on("data", (chunk) => {
          text += chunk.toString();
        });
        socket.on("error", () => undefined);
        socket.on("close", () => resolve({ connected, text }));
      });
    // The agent may be on its way back from the test before: only who is let in to its door can be refused there.
    const deadline = performance.now() + 10_000;
    let stranger = await ask();
    while (!stranger.connected && performance.now() < deadline) {
      stranger = await ask();
    }
    const answer = stranger.text;
    expect(stranger.connected).toBe(true);
    expect(answer).not.toContain("200 OK");
    await mesh.collector.until(
      ({ denials }) => denials.find(({ reason }) => reason === "caller-not-in-pod"),
      "the refused stranger",
    );
  });
});
