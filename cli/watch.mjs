// @ts-check
import { setTimeout as wait } from "node:timers/promises";
import { ending, Refusal } from "./ending.mjs";
import { eventsOf } from "./event-stream.mjs";
import { call, callJson } from "./portal.mjs";
import { eventWords, hasEnded, liveWords, statusWords } from "./release-words.mjs";

/** @typedef {import("./credentials.mjs").Access} Access */
/** @typedef {import("./world.ts").World} World */
/** @typedef {import("../server/contracts/rollouts.ts").RolloutDetails} RolloutDetails */

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Follows a release until it has ended, over restarts of the portal.
 *
 * @param {Access} access
 * @param {string} id
 * @param {{ readonly json: boolean, readonly live: boolean, readonly patienceMs: number }} how `patienceMs`: how long a
 *   portal that was there before may be away
 * @param {World} world
 * @returns {Promise<number>} the exit code
 */
export async function watch(access, id, { json, live, patienceMs }, world) {
  const path = `/api/v1/rollouts/${id}`;
  const show = json ? asJson(world) : live && world.terminal() !== undefined ? asTable(world) : asLines(world);
  /** @type {RolloutDetails} */
  let release = await callJson(access, "GET", path);
  show(release);
  let pauseMs = firstPauseMs;
  let heardUnixMs = world.now();
  while (!hasEnded(release)) {
    try {
      const stream = await call(access, "GET", `${path}/stream`, undefined, "text/event-stream");
      for await (const { event, data } of eventsOf(stream)) {
        if (event === "rollout") {
          release = JSON.parse(data);
          show(release);
          heardUnixMs = world.now();
          pauseMs = firstPauseMs;
        }
      }
      // The last event of a stream may be missing.
      release = hasEnded(release) ? release : await callJson(access, "GET", path);
      show(release);
      heardUnixMs = world.now();
    } catch (error) {
      if (error instanceof Refusal && error.code !== ending.unreachable) {
        throw error;
      }
      if (world.now() - heardUnixMs > patienceMs) {
        throw new Refusal(
          ending.unreachable,
          `The portal at ${access.url.origin} has been away for too long. The release goes on without it as far as it is judged; look again later.`,
        );
      }
    }
    if (!hasEnded(release)) {
      await wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
  return release.state === "completed" ? ending.done : ending.notCompleted;
}

/**
 * One release as JSON on each line.
 *
 * @param {World} world
 * @returns {(release: RolloutDetails) => void}
 */
function asJson({ out }) {
  let shown = "";
  return (release) => {
    const line = JSON.stringify(release);
    if (line !== shown) {
      shown = line;
      out(`${line}\n`);
    }
  };
}

/**
 * A line for each event, and one where the state moved without any.
 *
 * @param {World} world
 * @returns {(release: RolloutDetails) => void}
 */
function asLines({ out }) {
  let told = -1;
  let state = "";
  return (release) => {
    const fresh = release.events.filter(({ sequence }) => sequence > told);
    for (const event of fresh) {
      out(`${eventWords(event)}\n`);
      told = event.sequence;
    }
    const now = `${release.state} ${release.hold}`;
    if ((now !== state && fresh.length === 0) || (hasEnded(release) && now !== state)) {
      out(`${statusWords(release)}\n`);
    }
    state = now;
  };
}

/**
 * The same place of the terminal, written anew.
 *
 * @param {World} world
 * @returns {(release: RolloutDetails) => void}
 */
function asTable({ out, terminal }) {
  let height = 0;
  return (release) => {
    const { columns, rows } = terminal() ?? { columns: 80, rows: 24 };
    // A line that scrolled away could not be written over.
    const lines = liveWords(release)
      .slice(0, rows - 1)
      .map((line) => line.slice(0, columns));
    const up = height === 0 ? "" : `\u001b[${height}A`;
    out(`${up}\u001b[0J${lines.join("\n")}\n`);
    height = lines.length;
  };
}
