/** Sends a few requests down one way and gathers what became of them. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { tryRequest } from "@/server/contracts/try-it.ts";
import type { TryAnswer } from "@/server/try-it/answer-line.ts";
import { sendOutside } from "@/server/try-it/send-outside.ts";
import type { HopSeen, WaySeen } from "./conclude.ts";
import type { ChainDeps } from "./deps.ts";
import type { LeadingHeader } from "./leading-header.ts";
import { type NestedAnswer, nestedAnswers } from "./nested-answers.ts";
import { answeredBy, answeredByTrace, receivedBy, seenAt } from "./proxy-evidence.ts";
import type { Way } from "./ways.ts";

/** Enough where answers tell all; proxies look at one request in sixteen. */
const few = 3;
const more = 17;
const requestMs = 3_000;
const concurrency = 4;
/** Proxies push once a second, in parts that do not come together. */
const pushedAfterMs = 1_200;
const pushesMs = 4_000;
const lookAgainMs = 100;
const skewMs = 1_000;

export type Looked =
  | { readonly kind: "seen"; readonly seen: WaySeen }
  /** No request got in. */
  | { readonly kind: "no-answer"; readonly words: string };

/** `quietMs`: a time before which nothing of this kind was sent. */
export async function lookDown(
  way: Way,
  header: LeadingHeader,
  { canary }: RolloutSpec,
  quietMs: number,
  signal: AbortSignal,
  deps: ChainDeps,
): Promise<Looked> {
  const startedMs = Date.now();
  const traceId = randomBytes(16).toString("hex");
  const answers = await send(way, header, traceId, few, signal, deps);
  const answered = answers.filter(({ status }) => status > 0);
  if (answered.length === 0) {
    return { kind: "no-answer", words: answers[0]?.error || "no answer" };
  }
  const told = tracksOf(answered, way);
  if (told?.every((track) => track.every(({ headers }) => headers !== undefined))) {
    return { kind: "seen", seen: fromAnswers(told, header, canary) };
  }
  const all = [...answered, ...(await send(way, header, traceId, more, signal, deps))];
  await pushed(way, signal, deps);
  return { kind: "seen", seen: fromProxies(way, header, canary, { all, traceId, startedMs, quietMs }, deps) };
}

async function send(
  { host, path }: Way,
  { name, value }: LeadingHeader,
  traceId: string,
  count: number,
  signal: AbortSignal,
  { gatewayUrl }: ChainDeps,
): Promise<TryAnswer[]> {
  const request = tryRequest.parse({
    source: { kind: "outside" },
    url: `http://${host}${path}`,
    // Sampled, so that proxies that trace tell of it.
    headers: [
      { name, value },
      { name: "traceparent", value: `00-${traceId}-${randomBytes(8).toString("hex")}-01` },
    ],
    ...{ count, concurrency, timeoutMs: requestMs },
  });
  const answers: TryAnswer[] = [];
  await sendOutside(request, gatewayUrl, signal, (answer) => answers.push(answer));
  return answers;
}

/** Who answered all of them, when every answer says so down to the end. */
function tracksOf(answers: readonly TryAnswer[], { services }: Way): NestedAnswer[][] | undefined {
  const target = services.at(-1);
  const tracks = answers.flatMap(({ body }) => (target === undefined ? [] : [nestedAnswers(body, target)]));
  const told = tracks.filter((track) => track !== undefined);
  return told.length > 0 && told.length === answers.length ? told : undefined;
}

/** A header that one copy of a service loses is lost. */
function fromAnswers(tracks: readonly NestedAnswer[][], { name }: LeadingHeader, canary: string): WaySeen {
  const telling =
    tracks.find((track) => track.some(({ headers }) => headers?.includes(name) === false)) ?? tracks[0] ?? [];
  const hops = telling.map(
    ({ service, version, headers }): HopSeen => ({
      service,
      version,
      received: headers?.includes(name) ?? null,
    }),
  );
  return { hops, answered: tracks.every((track) => track.at(-1)?.version === canary) ? "canary" : "other" };
}

interface Sent {
  readonly all: readonly TryAnswer[];
  readonly traceId: string;
  readonly startedMs: number;
  readonly quietMs: number;
}

function fromProxies(
  way: Way,
  { name }: LeadingHeader,
  canary: string,
  { all, traceId, startedMs, quietMs }: Sent,
  { inventory, telemetry }: ChainDeps,
): WaySeen {
  const endMs = Date.now() + skewMs;
  const sent = all.length;
  const seen = way.services.map((service) => ({
    now: seenAt(telemetry, service, name, startedMs, endMs),
    before: seenAt(telemetry, service, name, quietMs - (endMs - startedMs), quietMs),
  }));
  const told = tracksOf(all, way);
  const versions = new Map(told?.[0]?.map(({ service, version }) => [service, version]));
  const target = way.services[way.services.length - 1] ?? way.services[0];
  const end = seen.at(-1);
  const byProxies = end === undefined ? null : answeredBy(end.now, end.before, sent, canary);
  const byAnswers =
    told === undefined ? null : told.every((track) => track.at(-1)?.version === canary) ? "canary" : "other";
  return {
    hops: way.services.map((service, index): HopSeen => {
      const there = seen[index];
      return {
        service: service.name,
        version: versions.get(service.name) ?? onlyVersion(service, inventory.current),
        received: there === undefined ? null : receivedBy(there.now, there.before, sent),
      };
    }),
    answered: byAnswers ?? answeredByTrace(telemetry.trace(traceId), target, canary, inventory.current) ?? byProxies,
  };
}

/** Of a service whose pods are all of one version. */
function onlyVersion({ namespace, name }: Way["services"][0], { services }: ChainDeps["inventory"]["current"]): string {
  const pods = services.find((one) => one.namespace === namespace && one.name === name)?.pods ?? [];
  const [version = "", ...others] = new Set(pods.map((pod) => pod.version));
  return others.length === 0 ? version : "";
}

/** Until the waypoints on the way have told of what was sent. */
async function pushed({ services }: Way, signal: AbortSignal, { measure }: ChainDeps): Promise<void> {
  const sentMs = Date.now();
  const told = (): boolean =>
    services.every((service) => {
      const freshMs = measure.freshUnixMs(service);
      return freshMs === null || freshMs > sentMs + pushedAfterMs;
    });
  while (!told() && Date.now() < sentMs + pushesMs && !signal.aborted) {
    await pause(lookAgainMs);
  }
}
