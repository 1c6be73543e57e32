import { gzipSync as gzip } from "node:zlib";
import { expect } from "vitest";
import { root } from "../../supervisor/config.ts";
import type { TestMesh } from "../mesh.ts";
import { runInPod } from "../pod-session.ts";
import { type Ask, askAll, type Told } from "./ask.ts";

/** What a case says about the answer; what it does not name may be anything. */
export interface Expected {
  /** Default 200, for gRPC 0. */
  readonly status?: number | readonly number[];
  /** Who answered. */
  readonly backend?: string;
  /** What the back end saw. */
  readonly target?: string;
  readonly seenHost?: string;
  /** Fields that the back end saw; `null`: it did not. */
  readonly seen?: Readonly<Record<string, string | null>>;
  /** Fields of the answer. */
  readonly headers?: Readonly<Record<string, string | null | readonly (string | null)[]>>;
  readonly body?: unknown;
  readonly certificate?: string;
  readonly http?: string;
}

/** One row of a table: what is asked and what must come of it. */
export type Case = readonly [ask: Partial<Ask>, expected: Expected];

/** Sends requests from wherever the function stands for. */
export type Send = (asks: readonly Ask[], atOnce?: number) => Promise<Told[]>;

/** From inside a pod, through its front. */
export const fromPod =
  (mesh: TestMesh, pod: { readonly namespace: string; readonly name: string }): Send =>
  async (asks, atOnce) => {
    const told: Told[] = [];
    for (const argument of argumentsOf(asks, atOnce)) {
      const { stdout, stderr, status } = await runInPod(mesh.kubeconfig, pod, [
        "node",
        `${root}/scenarios/conformance/ask-in-pod.ts`,
        argument,
      ]);
      if (!stdout.startsWith("[")) {
        throw new Error(`no answers from ${pod.namespace}/${pod.name}: ${stderr} ${JSON.stringify(status)}`);
      }
      told.push(...(JSON.parse(stdout) as Told[]));
    }
    return told;
  };

/** A command is part of a URL, which may not be longer than all the fields of a request may be. */
const argumentMax = 8_000;

function argumentsOf(asks: readonly Ask[], atOnce?: number): string[] {
  const argument = Buffer.from(gzip(JSON.stringify({ asks, atOnce }))).toString("base64url");
  if (argument.length <= argumentMax || asks.length === 1) {
    return [argument];
  }
  const half = Math.ceil(asks.length / 2);
  return [...argumentsOf(asks.slice(0, half), atOnce), ...argumentsOf(asks.slice(half), atOnce)];
}

/** From outside, by this process. */
export const fromOutside: Send = askAll;

/** Sends a table's requests and compares all rows at once, so that one run shows all that differ. */
export async function check(send: Send, common: Ask, cases: readonly Case[]): Promise<void> {
  const asks = cases.map(([ask]) => ({
    ...common,
    ...ask,
    ...((common.headers ?? ask.headers) !== undefined && { headers: { ...common.headers, ...ask.headers } }),
  }));
  const told = await send(asks);
  const rows = cases.map(([, expected], index) => difference(asks[index] as Ask, expected, told[index]));
  expect(
    rows.map(({ got }) => got),
    JSON.stringify(told.filter((_, index) => rows[index]?.differs)),
  ).toEqual(rows.map(({ wanted }) => wanted));
}

interface EchoFacts {
  readonly backend?: string;
  readonly target?: string;
  readonly host?: string;
  readonly http?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** What was wanted and what was got of it, each with the request, in the same shape. */
function difference(ask: Ask, expected: Expected, told: Told | undefined) {
  const facts = (typeof told?.body === "object" && told.body !== null ? told.body : {}) as EchoFacts;
  const status = expected.status ?? (ask.protocol === "grpc" || ask.protocol === "chat" ? 0 : 200);
  const what = `${ask.protocol ?? "http"} ${ask.method ?? "GET"} ${ask.host ?? ask.to}${ask.path ?? "/"} ${JSON.stringify(ask.headers ?? {})}`;
  const wanted: Record<string, unknown> = { what };
  const got: Record<string, unknown> = { what };
  const add = (name: string, want: unknown, have: unknown): void => {
    wanted[name] = want;
    got[name] = Array.isArray(want) && name !== "body" && want.includes(have) ? want : have;
  };
  add("status", status, told?.status);
  for (const [name, want, have] of [
    ["backend", expected.backend, facts.backend],
    ["target", expected.target, facts.target],
    ["seenHost", expected.seenHost, facts.host],
    ["http", expected.http, facts.http],
    ["body", expected.body, told?.body],
    ["certificate", expected.certificate, told?.certificate],
  ] as const) {
    if (want !== undefined) {
      add(name, want, have);
    }
  }
  for (const [name, want] of Object.entries(expected.seen ?? {})) {
    add(`seen ${name}`, want, facts.headers?.[name.toLowerCase()] ?? null);
  }
  for (const [name, want] of Object.entries(expected.headers ?? {})) {
    add(`answer's ${name}`, want, told?.headers[name.toLowerCase()] ?? null);
  }
  return { wanted, got, differs: JSON.stringify(wanted) !== JSON.stringify(got) };
}
