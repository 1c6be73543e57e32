/** Whether services in between pass on what leads to the canary, found out by asking; and how to reach it by hand. */

import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { ChainCheck } from "@/server/contracts/rollouts.ts";
import type { ChainPort } from "../ports.ts";
import { type Conclusion, conclude, mostTelling } from "./conclude.ts";
import type { ChainDeps } from "./deps.ts";
import { leadingHeaderOf } from "./leading-header.ts";
import { lookDown } from "./look.ts";
import { linesTo } from "./reach.ts";
import { waysTo } from "./ways.ts";

/** For one check, and for the way of one header down one host. */
const checkMs = 15_000;
/** Lines of commands follow what was seen at most so late. */
const freshMs = 30_000;
/** Own requests of so long ago are not taken for those of others. */
const rememberedMs = 60_000;

export function createChain(deps: ChainDeps): ChainPort {
  let last: Promise<unknown> = Promise.resolve();
  let begun: readonly number[] = [];
  const lines = new Map<string, { readonly atMs: number; readonly lines: ReturnType<ChainPort["reach"]> }>();

  async function check(spec: RolloutSpec): Promise<ChainCheck> {
    const checkedUnixMs = Date.now();
    begun = [...begun.filter((startMs) => startMs > checkedUnixMs - rememberedMs), checkedUnixMs];
    const { state, hops, sentence } = await found(spec, begun[0] ?? checkedUnixMs, deps).catch(
      (): Conclusion => unknown("The requests could not be sent. Check again in a moment."),
    );
    return { state, checkedUnixMs, hops: [...hops], sentence };
  }

  return {
    // One after the other: they would take each other's requests for traffic.
    check(spec) {
      const next = last.then(() => check(spec));
      last = next;
      return next;
    },
    reach(spec) {
      const key = JSON.stringify([spec.service, spec.match, spec.preview]);
      const known = lines.get(key);
      if (known !== undefined && Date.now() - known.atMs < freshMs) {
        return known.lines;
      }
      const made = linesTo(spec, deps.inventory.current, deps.insight(), deps.gatewayUrl);
      if (lines.size >= 100) {
        lines.clear();
      }
      // Where nothing is known yet, calls that are seen next may tell.
      if (made.length > 0) {
        lines.set(key, { atMs: Date.now(), lines: made });
      }
      return made;
    },
  };
}

const unknown = (sentence: string): Conclusion => ({ state: "unknown", hops: [], sentence });

async function found(spec: RolloutSpec, quietMs: number, deps: ChainDeps): Promise<Conclusion> {
  const { service, match, canary, stable } = spec;
  const headers = match.flatMap((one) => leadingHeaderOf(one) ?? []);
  if (headers.length === 0) {
    return unknown(`Neither a header nor a cookie leads to ${canary}: there is nothing to pass on.`);
  }
  if (deps.gatewayUrl === "") {
    return unknown("There is no gateway on this machine to send through, so nothing could be looked at.");
  }
  const ways = waysTo(service, deps.inventory.current, deps.insight());
  if (ways.length === 0) {
    return unknown(`No calls from outside were seen that lead to ${service.name}, so there was nothing to look at.`);
  }
  const signal = AbortSignal.timeout(checkMs);
  const conclusions: Conclusion[] = [];
  for (const way of ways) {
    for (const header of headers) {
      if (!signal.aborted) {
        const looked = await lookDown(way, header, spec, quietMs, signal, deps);
        conclusions.push(
          looked.kind === "seen"
            ? conclude(looked.seen, { words: header.words, stable, canary })
            : unknown(`The gateway did not answer for ${way.host}: ${looked.words}.`),
        );
      }
    }
  }
  return mostTelling(conclusions) ?? unknown("The requests took too long. Check again in a moment.");
}
