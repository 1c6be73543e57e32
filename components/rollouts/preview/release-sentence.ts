/** What a release will do, in a sentence. Pure. */
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { durationMs } from "../../golden-paths/form/duration-text.ts";
import { duration, plural } from "../../ui/format.ts";
import { percent } from "../words/rollout-words.ts";

/** "Releases v2 of web-api in 5 steps, 5 % first, judged every 30 s, back by itself if it fails." */
export function releaseSentence(spec: RolloutSpec): string {
  const { service, canary, start, steps } = spec;
  const does =
    start === null ? `Releases ${canary} of ${service.name}` : `Starts ${canary} of ${service.name} and releases it`;
  const parts = [`${does} in ${plural(steps.length, "step")}`, firstWords(spec), judgedWords(spec), gateWords(spec)];
  return `${parts.filter((part) => part !== "").join(", ")}.`;
}

/** Who gets to the new version first. */
function firstWords({ steps, match, preview, stable }: RolloutSpec): string {
  const { weight, mirror } = steps[0] ?? { weight: 0, mirror: 0 };
  if (weight > 0) {
    return steps.length === 1 && weight === 100 ? "all calls at once" : `${percent(weight)} first`;
  }
  if (mirror > 0) {
    return `copies of ${percent(mirror)} first while ${stable} answers`;
  }
  const hosts = preview === null ? "" : `calls to ${preview.host}`;
  const led = match.length === 0 ? "" : matchWords(match);
  const only = [led, hosts].filter((part) => part !== "").join(" and ");
  return only === "" ? "no calls first" : `only ${only} first`;
}

function matchWords([first, ...more]: RolloutSpec["match"]): string {
  if (first === undefined || more.length > 0) {
    return "calls that match";
  }
  switch (first.by) {
    case "header":
      return `calls with the header ${first.name}`;
    case "cookie":
      return `calls with the cookie ${first.name}`;
    default:
      return `calls of ${first.serviceAccount}`;
  }
}

function judgedWords({ steps, analysis }: RolloutSpec): string {
  if (!steps.some((step) => step.analysis)) {
    return "not judged by figures";
  }
  const ms = durationMs(analysis.interval);
  return `judged every ${ms === undefined ? analysis.interval : duration(ms)}, back by itself if it fails`;
}

/** Where a person is asked; at the end, too, when not all calls went over by then. */
function gateWords({ steps }: RolloutSpec): string {
  const asks = steps.filter((step, at) => step.gate || (at === steps.length - 1 && step.weight < 100));
  const [only] = asks;
  if (only === undefined) {
    return "";
  }
  return asks.length > 1
    ? `a person decides ${asks.length} times`
    : only.weight > 0
      ? `a person decides at ${percent(only.weight)}`
      : "a person decides before it gets more";
}
