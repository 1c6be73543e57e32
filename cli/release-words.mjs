// @ts-check
// A release as lines for people. The portal's own sentences stand as they are.
import { printable, table } from "./printable.mjs";

/** @typedef {import("../server/contracts/rollouts.ts").RolloutDetails} RolloutDetails */
/** @typedef {import("../server/contracts/rollouts.ts").RolloutSummary} RolloutSummary */
/** @typedef {import("../server/contracts/rollouts.ts").RolloutEvent} RolloutEvent */

/** @type {ReadonlySet<string>} */
const ended = new Set(["completed", "rolled-back", "failed", "undone"]);
/** @param {{ readonly state: string }} release */
export const hasEnded = ({ state }) => ended.has(state);

/** @param {{ readonly service: { readonly namespace: string, readonly name: string } }} release */
const nameOf = ({ service }) => `${service.namespace}/${service.name}`;

/** @param {number | null} unixMs */
export const clock = (unixMs) =>
  unixMs === null ? "-" : `${new Date(unixMs).toISOString().slice(0, 19).replace("T", " ")}Z`;

/** @param {number | null} value */
const rounded = (value) => (value === null ? "-" : String(Math.round(value * 10) / 10));

/** @param {readonly RolloutSummary[]} releases */
export const listWords = (releases) =>
  releases.length === 0
    ? "No releases.\n"
    : table([
        ["NUMBER", "SERVICE", "VERSIONS", "STATE", "SHARE", "WHAT"],
        ...releases.map((one) => [
          String(one.number),
          nameOf(one),
          `${one.stable} -> ${one.canary}`,
          one.hold === null ? one.state : `${one.state} (${one.hold})`,
          `${one.weight} %`,
          one.headline,
        ]),
      ]);

/** @param {RolloutSummary} release */
export const headWords = (release) =>
  printable(
    `Release ${release.number} of ${nameOf(release)}, ${release.stable} -> ${release.canary}: ${release.headline}`,
  );

/** @param {RolloutDetails} release */
export function detailWords(release) {
  const { id, revision, startedBy, reason, createdUnixMs, finishedUnixMs, actions, track, versions, events } = release;
  const may = actions.filter(({ allowed }) => allowed).map(({ action }) => action.replace("-fully", " --fully"));
  const facts = [
    ["Id", id],
    ["State", release.hold === null ? release.state : `${release.state} (${release.hold})`],
    ["Revision", String(revision)],
    ["Started by", `${startedBy.name}, ${clock(createdUnixMs)}`],
    ...(reason === "" ? [] : [["Reason", reason]]),
    ...(finishedUnixMs === null ? [] : [["Ended", clock(finishedUnixMs)]]),
    ["Answered", `${release.canaryRequests} requests by ${release.canary}, ${release.canaryErrors} failed`],
    ["May now", may.join(", ") || "nothing"],
  ];
  return [
    `${headWords(release)}\n`,
    "\n",
    table(facts),
    "\n",
    stepWords(track),
    "\n",
    versionWords(versions),
    events.length === 0 ? "" : "\n",
    ...events.slice(-10).map((event) => `${eventWords(event)}\n`),
  ].join("");
}

/** @param {RolloutDetails["track"]} track */
const stepWords = (track) =>
  table([
    ["STEP", "SHARE", "STATE", "REQUESTS", "FAILED", "WHAT"],
    ...track.map(({ step, state, canaryRequests, canaryErrors, words }, index) => [
      String(index + 1),
      step.mirror > 0 ? `${step.weight} %, copies of ${step.mirror} %` : `${step.weight} %`,
      ...[state, String(canaryRequests), String(canaryErrors), words],
    ]),
  ]);

/** @param {RolloutDetails["versions"]} versions */
const versionWords = (versions) =>
  table([
    ["VERSION", "ROLE", "PODS READY", "REQUESTS/S", "SUCCESS %", "P95 MS", "P99 MS"],
    ...versions.map(({ version, role, pods, rps, success, p95Ms, p99Ms }) => [
      ...[version, role, `${pods.filter(({ ready }) => ready).length}/${pods.length}`],
      ...[rps, success, p95Ms, p99Ms].map(rounded),
    ]),
  ]);

/** @param {RolloutEvent} event */
export function eventWords({ timeUnixMs, level, actor, text }) {
  const who = actor === null || text.startsWith(actor.name) ? "" : `${actor.name}: `;
  return printable(`${clock(timeUnixMs)}  ${level.padEnd(7)}  ${who}${text}`);
}

/**
 * How it stands, below its events.
 *
 * @param {RolloutDetails} release
 */
export function statusWords(release) {
  const { state, headline, events, createdUnixMs, finishedUnixMs } = release;
  const timeUnixMs = finishedUnixMs ?? events.at(-1)?.timeUnixMs ?? createdUnixMs;
  const level = state === "completed" ? "good" : hasEnded(release) ? "error" : "info";
  return printable(`${clock(timeUnixMs)}  ${level.padEnd(7)}  ${headline}`);
}

/**
 * What a terminal shows while it is watched, as lines; newest events first.
 *
 * @param {RolloutDetails} release
 * @returns {string[]}
 */
export const liveWords = (release) =>
  [
    headWords(release),
    "",
    stepWords(release.track),
    versionWords(release.versions),
    ...release.events.slice(-8).reverse().map(eventWords),
  ]
    .join("\n")
    .split("\n");
