/**
 * Answers that say who gave them and hold the answers of whoever was asked for it, as those of the demo's services do:
 * `{service, version, headers: [names], upstreamCalls: [{body: …}]}`. Pure.
 */
import * as z from "zod";
import type { ServiceRef } from "@/server/contracts/names.ts";

const depthMax = 8;
const callsMax = 16;
const name = z.string().max(253);

const answer = z.object({
  service: name,
  namespace: name.default(""),
  version: name.default(""),
  /** Names of headers that it was asked with. */
  headers: z.array(name).max(64).optional(),
  upstreamCalls: z.array(z.object({ body: z.unknown() })).default([]),
});

export interface NestedAnswer {
  readonly service: string;
  readonly version: string;
  /** Lower case; undefined where the answer does not tell. */
  readonly headers: readonly string[] | undefined;
}

/** Who answered, from the first service down to `target`; undefined when the answer does not say. */
export function nestedAnswers(body: string, target: ServiceRef): NestedAnswer[] | undefined {
  try {
    return downTo(JSON.parse(body), target, depthMax);
  } catch {
    return undefined;
  }
}

function downTo(value: unknown, target: ServiceRef, depth: number): NestedAnswer[] | undefined {
  const parsed = depth === 0 ? undefined : answer.safeParse(value);
  if (parsed === undefined || !parsed.success) {
    return undefined;
  }
  const { service, namespace, version, headers, upstreamCalls } = parsed.data;
  const own: NestedAnswer = { service, version, headers: headers?.map((one) => one.toLowerCase()) };
  if (service === target.name && (namespace === "" || namespace === target.namespace)) {
    return [own];
  }
  for (const { body } of upstreamCalls.slice(0, callsMax)) {
    const behind = downTo(body, target, depth - 1);
    if (behind !== undefined) {
      return [own, ...behind];
    }
  }
  return undefined;
}
