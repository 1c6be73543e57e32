import { describe, expect, test } from "vitest";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { Probe } from "@/server/golden-paths/probe.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { type DenialIdentity, denialKey } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { type ProbeDeps, sendProbe } from "./send-probe.ts";

const probe = (more: Partial<Probe> = {}): Probe => ({
  source: { kind: "workload", namespace: "default", workload: "sleep" },
  method: "GET",
  url: "http://httpbin.default:8000/headers",
  headers: [{ name: "x-test-me", value: "yes" }],
  expect: { kind: "reaches" },
  sentence: "as sleep: GET /headers with x-test-me",
  ...more,
});

interface Line {
  readonly status: number;
  readonly error?: string;
  readonly server?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A pod whose program answers these, one a session. */
function podThat(...lines: Line[]): { deps: ProbeDeps; commands: string[][]; pauses: number[] } {
  const commands: string[][] = [];
  const pauses: number[] = [];
  const cluster: Pick<Cluster, "exec"> = {
    async exec({ command, onStdout }) {
      const { status, error = "", server = "", body = "", headers = {} } = lines[commands.length] ?? { status: 0 };
      commands.push([...command]);
      onStdout(
        Buffer.from(`${JSON.stringify({ n: 1, status, ms: 3, headers: { server, ...headers }, body, error })}\n`),
      );
      return { exitCode: status === 0 ? 1 : 0 };
    },
  };
  const pod = { namespace: "default", workload: "sleep", ready: true, name: "sleep-1", container: "sleep" };
  return {
    commands,
    pauses,
    deps: {
      cluster: cluster as Cluster,
      inventory: { current: { pods: [pod], services: [], gateways: [] } as unknown as Inventory },
      gatewayUrl: "",
      again: async () => void pauses.push(1),
      denials: new TelemetryMemory().denials,
      wordMs: 0,
    },
  };
}
const send = (deps: ProbeDeps, more: Partial<Probe> = {}, touched = ["default"]) =>
  sendProbe(probe(more), touched, deps);

describe("a request for proof", () => {
  test.each([
    ["reaches the service", { kind: "reaches" }, { status: 200 }, true, "200"],
    ["reaches it when the service itself says no", { kind: "reaches" }, { status: 404 }, true, "404"],
    [
      "does not when the mesh refuses",
      { kind: "reaches" },
      { status: 403, server: "towpath" },
      false,
      "403 from the mesh",
    ],
    ["does not when nothing answers behind", { kind: "reaches" }, { status: 503 }, false, "503"],
    ["is refused by the waypoint", { kind: "refused" }, { status: 403, server: "towpath" }, true, "403 from the mesh"],
    [
      "is refused by a reset",
      { kind: "refused" },
      { status: 0, error: "read ECONNRESET" },
      true,
      "no answer: read ECONNRESET",
    ],
    ["is not refused by silence", { kind: "refused" }, { status: 0, error: "timeout" }, false, "no answer: timeout"],
    [
      "is not refused where nobody listens",
      { kind: "refused" },
      { status: 0, error: "connect ECONNREFUSED 127.1.1.10:15001" },
      false,
      "no answer: connect ECONNREFUSED",
    ],
    [
      "is not refused by the application's own 403",
      { kind: "refused" },
      { status: 403, body: '{"error":"not yours"}' },
      false,
      "403 by the application itself",
    ],
    [
      "is not refused by the application's own 401",
      { kind: "refused" },
      { status: 401 },
      false,
      "401 by the application",
    ],
    ["reaches it when the application says 403", { kind: "reaches" }, { status: 403, body: "no" }, true, "403 by the"],
    [
      "is refused by a waypoint of Istio, which says so in the body",
      { kind: "refused" },
      { status: 403, server: "istio-envoy", body: "RBAC: access denied" },
      true,
      "403 from the mesh",
    ],
    [
      "is refused by a waypoint of Istio that tells HEAD only the length",
      { kind: "refused" },
      { status: 403, headers: { "content-length": "19", "content-type": "text/plain" } },
      true,
      "403 from the mesh",
    ],
    [
      "does not reach behind Istio's refusal",
      { kind: "reaches" },
      { status: 403, server: "istio-envoy", body: "RBAC: access denied" },
      false,
      "403 from the mesh",
    ],
    [
      "is refused for want of a token",
      { kind: "refused" },
      { status: 401, server: "istio-envoy", body: "Jwt is missing" },
      true,
      "401 from the mesh",
    ],
    [
      "is refused by the caller's own agent",
      { kind: "refused" },
      { status: 403, server: "towpath-agent" },
      true,
      "403 from the mesh",
    ],
    [
      "is refused at layer 4, as the caller's own agent says it",
      { kind: "refused" },
      {
        status: 503,
        server: "towpath-agent",
        body: "upstream connect error: connection closed due to policy rejection\n",
      },
      true,
      "503 from the mesh",
    ],
    [
      "is not refused where nobody is behind",
      { kind: "refused" },
      { status: 503, server: "towpath", body: "no healthy upstream" },
      false,
      "503 from the mesh",
    ],
    ["is not refused by an answer", { kind: "refused" }, { status: 200 }, false, "200"],
    ["has the status", { kind: "status", status: 401 }, { status: 401 }, true, "401"],
    ["has another status", { kind: "status", status: 401 }, { status: 403 }, false, "403"],
  ] as const)("%s", async (_what, expected, line, passed, words) => {
    const { deps } = podThat(line, line);
    const result = await send(deps, { expect: expected });
    expect(result).toMatchObject({ passed, status: line.status });
    expect(result.words.startsWith(words)).toBe(true);
  });

  test("that shows the effect is sent once, in the pod, with its time limit", async () => {
    const { deps, commands, pauses } = podThat({ status: 200 });
    expect(await send(deps)).toMatchObject({
      words: "200",
      command:
        "kubectl exec -n default deploy/sleep -- curl -sS -i -H 'x-test-me: yes' http://httpbin.default:8000/headers",
    });
    expect(commands).toHaveLength(1);
    expect(commands[0]?.join(" ")).toContain("--timeout-ms 5000");
    expect(pauses).toEqual([]);
  });

  describe("that is answered 403 in the application's own words", () => {
    /** What a proxy tells half a second after it refused. */
    const told = (more: Partial<DenialIdentity> = {}, from = "default/sleep", to = "default/httpbin") => {
      const pod = podThat({ status: 403, body: "no" }, { status: 403, body: "no" });
      const identity: DenialIdentity = {
        labels: labels(from, to),
        ...{
          hop: "waypoint",
          node: "n",
          reason: "refused-by-authorizer",
          policy: "default/ask",
          rule: 0,
          attribute: "",
        },
        ...{ evaluated: [], destinationPort: 8000, method: "GET", path: "/headers", host: "httpbin.default:8000" },
        answer: 403,
        ...more,
      };
      setTimeout(() => {
        const counts = { count: 1, lastUnixMs: Date.now(), sourceIp: "", sourcePod: "", destinationPod: "" };
        pod.deps.denials.record(denialKey(identity), () => identity, counts, Date.now());
      }, 20);
      return send({ ...pod.deps, wordMs: 300 }, { expect: { kind: "refused" } });
    };

    test("is the mesh's refusal when a proxy told of it", async () => {
      expect(await told()).toMatchObject({
        passed: true,
        words: "403 from the mesh (waypoint, Refused by the external authorizer, default/ask)",
      });
    });

    test.each([
      ["of another path", { path: "/other" }, undefined, undefined],
      ["of another method", { method: "POST" }, undefined, undefined],
      ["with another answer", { answer: 429 }, undefined, undefined],
      ["of another caller", {}, "default/other", undefined],
      ["of another service", { host: "other" }, undefined, "default/other"],
    ])("is not, when what a proxy told is %s", async (_what, more, from, to) => {
      expect(await told(more, from, to)).toMatchObject({
        passed: false,
        words: expect.stringContaining("403 by the application itself"),
      });
    });
  });

  test("that does not is sent a second time and no more, and says so", async () => {
    const drained = podThat({ status: 200 }, { status: 403, server: "towpath" });
    expect(await send(drained.deps, { expect: { kind: "refused" } })).toMatchObject({
      passed: true,
      words: "403 from the mesh (sent twice; the first time 200)",
    });
    const wrong = podThat({ status: 200 }, { status: 200 }, { status: 403, server: "towpath" });
    expect(await send(wrong.deps, { expect: { kind: "refused" } })).toMatchObject({
      passed: false,
      words: "200 (sent twice; the first time 200)",
    });
    expect([wrong.commands.length, wrong.pauses.length]).toEqual([2, 1]);
  });

  test.each([
    ["with effects", { method: "DELETE" as "GET" }, ["default"]],
    ["between strangers of the change", {}, ["web-api"]],
    ["to an address that is none", { url: "file:///etc/passwd" }, ["default"]],
    [
      "by a pod that is not there",
      { source: { kind: "workload", namespace: "default", workload: "none" } },
      ["default"],
    ],
    ["through a gateway that is not there", { source: { kind: "outside" } }, ["default"]],
  ] as const)("is never sent %s", async (_what, more, touched) => {
    const { deps, commands } = podThat({ status: 200 });
    const result = await send(deps, more as Partial<Probe>, [...touched]);
    expect(result).toMatchObject({ passed: false, status: 0, words: expect.stringMatching(/^not sent: /) });
    expect(commands).toEqual([]);
  });

  test("is sent between any two of the mesh when the whole mesh was changed", async () => {
    const { deps, commands } = podThat({ status: 200 });
    const others = { url: "http://web-api.web-api:8080/" };
    expect(await send(deps, others, ["istio-system"])).toMatchObject({ passed: true });
    expect(commands).toHaveLength(1);
  });
});
