/** What a release would do as a whole: whoever agrees to its first change agrees to that. Pure. */
import type { ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";

/** As long as a reason that a person gives. */
const wordsMax = 500;
const shown = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

const matchWords = (match: ReleaseMatch): string =>
  match.by === "caller"
    ? `calls of ${match.namespace}/${match.serviceAccount}`
    : shown(`${match.by} ${match.name}=${match.value}`, 80);

const podsWords = (replicas: number | null, stable: string): string =>
  replicas === null ? `as many pods as ${stable} has` : `${replicas} ${replicas === 1 ? "pod" : "pods"}`;

/** "Release of v2: starts 3 pods of shop/cart:v2 with the service account and secrets of v1, 10 %, 50 %, then 100 %". */
export function askedFor(spec: RolloutSpec): string {
  const { stable, canary, start, match, preview, steps, stopOldAfterMinutes } = spec;
  const program =
    start === null
      ? ""
      : [
          start.image === "" ? `the image of ${stable}` : shown(start.image, 160),
          start.command.length === 0 ? "" : `running ${shown(start.command.join(" "), 120)}`,
        ]
          .filter((text) => text !== "")
          .join(" ");
  const weights = steps.map(({ weight }) => `${weight} %`);
  const parts = [
    start === null
      ? ""
      : `starts ${podsWords(start.replicas, stable)} of ${program} with the service account and secrets of ${stable}`,
    weights.length === 1
      ? `${weights[0]} of the calls`
      : `${weights.slice(0, -1).join(", ")}, then ${weights.at(-1)} of the calls`,
    stopOldAfterMinutes === null ? "" : `stops the pods of ${stable} ${stopOldAfterMinutes} minutes after its end`,
    preview === null ? "" : `answers at ${preview.host}`,
    match.length === 0 ? "" : `always gets ${match.map(matchWords).join(", ")}`,
  ];
  return shown(`Release of ${canary}: ${parts.filter((text) => text !== "").join("; ")}`, wordsMax);
}
