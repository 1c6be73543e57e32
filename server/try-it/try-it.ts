import { setTimeout as pause } from "node:timers/promises";
import { namespacesRefused, type SignedIn } from "@/server/auth/signed-in.ts";
import type { BehindTheScenes } from "@/server/contracts/traffic.ts";
import type { TryEvent, TryRequest } from "@/server/contracts/try-it.ts";
import { allGroups } from "@/server/denials/denials.ts";
import { isPortalError, PortalError } from "@/server/errors.ts";
import { findService, type Inventory, type InventoryPod, type InventoryService } from "@/server/inventory/model.ts";
import type { Portal } from "@/server/portal.ts";
import { behindTheScenesOf } from "@/server/traffic/behind-the-scenes.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { commandLine } from "./command-line.ts";
import { couldBeOurs } from "./own-refusals.ts";
import { sendFromPod } from "./send-from-pod.ts";
import { sendOutside } from "./send-outside.ts";
import { Tally } from "./tally.ts";

const runsMax = 4;
/** Proxies tell of refusals once a second: the first is waited for, then those that come with it. */
const firstDenialMs = 4_000;
const otherDenialsMs = 1_100;
const lookAgainMs = 200;
const lastAnswerToldMs = 1_300;
let running = 0;

/** Sends requests as a workload and streams what came back, one `tryEvent` a line. */
export async function tryIt(
  portal: Portal,
  input: TryRequest,
  person: SignedIn,
  address: string,
  signal: AbortSignal,
): Promise<Response> {
  const { source } = input;
  const as = source.kind === "outside" ? "outside" : `${source.namespace}/${source.workload}`;
  const object = `${input.method} ${input.url} as ${as}, ${input.count} times`;
  if (source.kind === "workload") {
    const refused = namespacesRefused(person, [source.namespace]);
    if (refused.length > 0) {
      const detail = `You may send requests only as workloads of your own team, not of ${source.namespace}.`;
      await portal.audit({ actor: person, action: "try-it", object, outcome: "refused", detail, address });
      throw new PortalError("forbidden", detail);
    }
  }
  const pod = source.kind === "workload" ? podFor(portal, source) : undefined;
  if (source.kind === "outside" && portal.config.gatewayUrl === "") {
    throw new PortalError("source-not-ready", "There is no gateway on this machine to send through.");
  }
  if (running >= runsMax) {
    throw new PortalError("too-many-requests", "Several runs are under way. Wait until one has ended.");
  }
  await portal.audit({ actor: person, action: "try-it", object, outcome: "done", address });

  const encoder = new TextEncoder();
  const abort = new AbortController();
  const ended = AbortSignal.any([signal, abort.signal]);
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      running++;
      const write = (event: TryEvent): void => {
        if (!ended.aborted) {
          controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
        }
      };
      const startedMs = Date.now();
      const tally = new Tally();
      let error = "";
      try {
        write({
          type: "start",
          pod: pod?.name ?? "",
          node: pod?.node ?? "",
          serviceAccount: pod?.serviceAccount ?? "",
          commandLine: commandLine(input, portal.config.gatewayUrl),
        });
        const onAnswer = (answer: Extract<TryEvent, { type: "answer" }>): void => {
          tally.add(answer);
          write(answer);
        };
        await (pod === undefined
          ? sendOutside(input, portal.config.gatewayUrl, ended, onAnswer)
          : sendFromPod(portal.cluster, pod, input, ended, onAnswer));
      } catch (cause) {
        error = isPortalError(cause) ? cause.userMessage : "The run broke off. Try again.";
        portal.log.warn("try it broke off", { error: String(cause) });
      } finally {
        running--;
      }
      const denials = ended.aborted || tally.failed === 0 ? [] : await denialsSince(portal, input, startedMs, tally);
      const behind = ended.aborted || error !== "" ? null : await behindSince(portal, input, startedMs);
      write(tally.end(denials, behind, error));
      if (!ended.aborted) {
        controller.close();
      }
    },
    cancel: () => abort.abort(),
  });
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store, no-transform" },
  });
}

function podFor({ inventory }: Portal, source: { namespace: string; workload: string }): InventoryPod {
  const pods = inventory.current.pods.filter(
    (pod) => pod.namespace === source.namespace && pod.workload === source.workload,
  );
  const ready = pods.find((pod) => pod.ready);
  if (ready === undefined) {
    throw new PortalError(
      pods.length === 0 ? "not-found" : "source-not-ready",
      pods.length === 0
        ? `There is no workload ${source.workload} in namespace ${source.namespace}.`
        : `No pod of ${source.workload} is ready. Wait a moment and try again.`,
    );
  }
  return ready;
}

type Denials = Extract<TryEvent, { type: "end" }>["denials"];

/**
 * Refusals that were told meanwhile, on whatever hop of the way. Others may be refused at the same time: no more are
 * counted than requests of this run failed.
 */
async function denialsSince(portal: Portal, input: TryRequest, startedMs: number, tally: Tally): Promise<Denials> {
  const { failed } = tally;
  const told = async (): Promise<Denials> => {
    const windowSeconds = Math.ceil((Date.now() - startedMs) / 1_000) + 1;
    const groups = await allGroups(portal, windowSeconds, Date.now() + 1_000);
    return groups
      .filter(({ lastUnixMs }) => lastUnixMs >= startedMs - 1_000)
      .filter((group) => couldBeOurs(group, input, tally))
      .map(({ id, sentence, count, reasonTitle, enforcer, answer, expected, was, nextStep }) => ({
        groupId: id,
        sentence,
        count: Math.min(count, failed),
        reasonTitle,
        enforcer,
        answer,
        expected,
        was,
        nextStep: nextStep?.text ?? "",
      }));
  };
  const deadlineMs = Date.now() + firstDenialMs;
  while (Date.now() < deadlineMs) {
    if ((await told()).length > 0) {
      await pause(otherDenialsMs);
      break;
    }
    await pause(lookAgainMs);
  }
  return told();
}

/** What the waypoint of the called service did since; proxies tell of it once a second. */
async function behindSince(
  { inventory, telemetry }: Portal,
  input: TryRequest,
  startedMs: number,
): Promise<BehindTheScenes | null> {
  const service =
    input.source.kind === "outside" ? undefined : calledService(new URL(input.url).hostname, input, inventory.current);
  if (service?.waypoint === undefined) {
    return null;
  }
  const restMs = lastAnswerToldMs - (Date.now() - startedMs);
  await pause(Math.max(otherDenialsMs, restMs));
  return behindTheScenesOf(
    telemetry,
    new NodeFinder(inventory.current),
    `${service.namespace}/${service.name}`,
    startedMs - 1_000,
    Date.now() + 1_000,
  );
}

/** `name`, `name.namespace` and longer forms. */
function calledService(hostname: string, { source }: TryRequest, inventory: Inventory): InventoryService | undefined {
  const [name = "", namespace = source.kind === "workload" ? source.namespace : ""] = hostname.split(".");
  return findService(inventory, { namespace, name });
}
