/** Sends a probe for real, the way "try it" sends. */
import { setTimeout as pause } from "node:timers/promises";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { ProbeResult } from "@/server/contracts/changes.ts";
import { type TryRequest, tryRequest } from "@/server/contracts/try-it.ts";
import { isPortalError } from "@/server/errors.ts";
import type { Probe } from "@/server/golden-paths/probe.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { DenialCounts, DenialIdentity } from "@/server/telemetry/records.ts";
import type { Slots } from "@/server/telemetry/slots.ts";
import type { TryAnswer } from "@/server/try-it/answer-line.ts";
import { commandLine } from "@/server/try-it/command-line.ts";
import { sendFromPod } from "@/server/try-it/send-from-pod.ts";
import { sendOutside } from "@/server/try-it/send-outside.ts";
import { type Judgement, judge, mayBeRefused } from "./judge.ts";
import { type MeshRefusal, meshRefusal } from "./mesh-refusal.ts";

const timeoutMs = 5_000;
/** Opening a session in the pod comes on top. */
const sessionMs = 10_000;
/** Connections may still be drained; after that what comes back counts. */
const againAfterMs = 500;
const pushesMs = 2_500;
const lookMs = 100;

export interface ProbeDeps {
  readonly cluster: Cluster;
  readonly inventory: { readonly current: Inventory };
  /** Empty when there is no gateway on this machine. */
  readonly gatewayUrl: string;
  /** What proxies told of their refusals; they push once a second. */
  readonly denials: Slots<DenialIdentity, DenialCounts>;
  /** For tests. */
  readonly again?: () => Promise<void>;
  /** How long word of a refusal is waited for; two pushes when not said. */
  readonly wordMs?: number;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Sends it at most twice: the second time only when the first one did not show the effect, and the result says so. Never
 * throws: what could not be sent is a result that did not pass. `touched`: namespaces of the change that it proves; as
 * somebody outside of them nothing is sent to somebody outside of them.
 */
export async function sendProbe(probe: Probe, touched: readonly string[], deps: ProbeDeps): Promise<ProbeResult> {
  const startedMs = Date.now();
  const request = tryRequest.safeParse({
    source: probe.source,
    method: probe.method,
    url: probe.url,
    headers: [...probe.headers],
    timeoutMs,
  });
  const result = (judgement: Judgement, status: number): ProbeResult => ({
    sentence: probe.sentence,
    command: request.success ? commandLine(request.data, deps.gatewayUrl) : "",
    expected: probe.expect.kind,
    expectedStatus: probe.expect.kind === "status" ? probe.expect.status : 0,
    status,
    ...judgement,
    atUnixMs: startedMs,
    ms: Date.now() - startedMs,
  });
  if (!request.success || !methods.has(probe.method)) {
    return result({ passed: false, words: "not sent: it is no request that can be sent without effects" }, 0);
  }
  if (!concerns(request.data, touched)) {
    return result({ passed: false, words: "not sent: it is about a service that this change does not touch" }, 0);
  }
  const first = await sendOnce(request.data, probe, deps);
  if (first.judgement.passed || !first.sent) {
    return result(first.judgement, first.status);
  }
  await (deps.again ?? (() => pause(againAfterMs)))();
  const second = await sendOnce(request.data, probe, deps);
  const words = `${second.judgement.words} (sent twice; the first time ${first.judgement.words})`;
  return result({ passed: second.judgement.passed, words }, second.status);
}

/**
 * Either who sends or who is called belongs to the change; from outside it is whoever the gateway leads to. A change of
 * the whole mesh is about everybody.
 */
function concerns({ source, url }: TryRequest, touched: readonly string[]): boolean {
  if (source.kind === "outside" || touched.includes(rootNamespace) || touched.includes(source.namespace)) {
    return true;
  }
  const [, namespace = source.namespace] = new URL(url).hostname.split(".");
  return touched.includes(namespace);
}

interface Sent {
  readonly judgement: Judgement;
  readonly status: number;
  readonly sent: boolean;
}

async function sendOnce(input: TryRequest, { expect }: Probe, deps: ProbeDeps): Promise<Sent> {
  let answer: TryAnswer | undefined;
  const notSent = (why: string): Sent => ({
    judgement: { passed: false, words: `not sent: ${why}` },
    status: 0,
    sent: false,
  });
  const take = (one: TryAnswer): void => {
    answer ??= one;
  };
  const signal = AbortSignal.timeout(timeoutMs + sessionMs);
  const sentMs = Date.now();
  try {
    if (input.source.kind === "outside") {
      if (deps.gatewayUrl === "") {
        return notSent("there is no gateway on this machine");
      }
      await sendOutside(input, deps.gatewayUrl, signal, take);
    } else {
      const { namespace, workload } = input.source;
      const pod = deps.inventory.current.pods.find(
        (one) => one.namespace === namespace && one.workload === workload && one.ready,
      );
      if (pod === undefined) {
        return notSent(`no pod of ${workload} is ready`);
      }
      await sendFromPod(deps.cluster, pod, input, signal, take);
    }
  } catch (error) {
    return notSent(isPortalError(error) ? error.userMessage : "the session broke off");
  }
  if (answer === undefined) {
    return notSent("nothing came back from the session");
  }
  const refusal = mayBeRefused(answer) ? await awaitWord(input, answer.status, sentMs, deps) : undefined;
  return { judgement: judge(expect, answer, refusal), status: answer.status, sent: true };
}

/** Proxies tell once a second what they refused. */
async function awaitWord(
  input: TryRequest,
  status: number,
  sentMs: number,
  { denials, inventory, wordMs = pushesMs }: ProbeDeps,
): Promise<MeshRefusal | undefined> {
  const deadline = Date.now() + wordMs;
  for (;;) {
    const word = meshRefusal(denials, inventory.current, input, status, sentMs);
    if (word !== undefined || Date.now() >= deadline) {
      return word;
    }
    await pause(lookMs);
  }
}
