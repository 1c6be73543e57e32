/** What follows from what was seen on one way. Pure. */
import type { ChainCheck } from "@/server/contracts/rollouts.ts";

/** A service of the way; null: not seen. */
export interface HopSeen {
  readonly service: string;
  readonly version: string;
  readonly received: boolean | null;
}

export interface WaySeen {
  readonly hops: readonly HopSeen[];
  /** Who answered at the end of it. */
  readonly answered: "canary" | "other" | null;
}

export interface Asked {
  /** "x-canary". */
  readonly words: string;
  readonly stable: string;
  readonly canary: string;
}

export type Conclusion = Pick<ChainCheck, "state" | "hops" | "sentence">;

export function conclude(seen: WaySeen, asked: Asked): Conclusion {
  const received = filledIn(seen);
  const last = received.length - 1;
  const hops = seen.hops.map(({ service, version }, index) => ({
    service,
    version,
    received: received[index] ?? null,
    passedOn: index === last || received[index] !== true ? null : (received[index + 1] ?? null),
  }));
  const { state, sentence } = verdict(hops, seen.answered, asked);
  return { state, hops, sentence };
}

/** What was not seen and yet follows: what arrived somewhere was passed on before, and what was lost stays lost. */
function filledIn({ hops, answered }: WaySeen): (boolean | null)[] {
  const end = hops.length - 1;
  const seen = hops.map(({ received }, index) => (index === end && answered === "canary" ? true : received));
  const lastThat = seen.lastIndexOf(true);
  // The gateway hands on what it gets.
  const filled = seen.map((one, index) => (index <= lastThat ? true : index === 0 ? (one ?? true) : one));
  const firstNot = filled.indexOf(false);
  return filled.map((one, index) =>
    (firstNot >= 0 && index > firstNot) || (index === end && one === null && answered === "other") ? false : one,
  );
}

function verdict(
  hops: Conclusion["hops"],
  answered: WaySeen["answered"],
  { words, stable, canary }: Asked,
): Pick<Conclusion, "state" | "sentence"> {
  const end = hops.at(-1);
  const name = end?.service ?? "";
  if (answered === "canary") {
    const sentence =
      hops.length === 1
        ? `Calls with ${words} get ${canary}: the gateway calls ${name} itself.`
        : `${list(hops.slice(0, -1).map(({ service }) => service))} ${hops.length === 2 ? "passes" : "pass"} ${words} on: calls with it get ${canary}.`;
    return { state: "passes", sentence };
  }
  const firstNot = hops.findIndex(({ received }) => received === false);
  if (firstNot < 0) {
    return end?.received === true
      ? answered === null
        ? { state: "passes", sentence: `${words} arrives at ${name}; which version answered could not be seen.` }
        : {
            state: "unknown",
            sentence: `${words} arrives at ${name}, but ${canary} did not answer: the rule that leads to it is not in force.`,
          }
      : { state: "unknown", sentence: unseen(hops, words) };
  }
  // Where it was last, and whoever is between there and where it was missed.
  const from = hops.findLastIndex(({ received }, index) => index < firstNot && received === true);
  const suspects = hops.slice(Math.max(from, 0), firstNot).map(({ service }) => service);
  const effect = `calls behind it get ${stable}.`;
  if (from < 0) {
    return { state: "lost", sentence: `${words} does not get through the gateway: ${effect}` };
  }
  return {
    state: "lost",
    sentence:
      suspects.length === 1
        ? `${suspects[0]} does not pass ${words} on: ${effect}`
        : `${words} is lost before ${hops[firstNot]?.service}: whether ${list(suspects, "or")} drops it could not be seen.`,
  };
}

function unseen(hops: Conclusion["hops"], words: string): string {
  const from = hops.findLast(({ received }) => received === true)?.service ?? "the gateway";
  return `Whether ${words} gets on could not be seen between ${from} and ${hops.at(-1)?.service ?? ""}.`;
}

const list = (names: readonly string[], joiner = "and"): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} ${joiner} ${names.at(-1)}`;

const worst: readonly ChainCheck["state"][] = ["lost", "unknown", "passes"];

/** Of several ways the one that matters most. */
export const mostTelling = (conclusions: readonly Conclusion[]): Conclusion | undefined =>
  conclusions.toSorted((one, other) => worst.indexOf(one.state) - worst.indexOf(other.state))[0];
