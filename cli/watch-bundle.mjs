// @ts-check
import { setTimeout as wait } from "node:timers/promises";
import { hasEnded, movedWords } from "./bundle-words.mjs";
import { ending, Refusal } from "./ending.mjs";
import { callJson } from "./portal.mjs";

/** @typedef {import("./credentials.mjs").Access} Access */
/** @typedef {import("./world.ts").World} World */
/** @typedef {import("../server/contracts/rollout-bundles.ts").BundleDetails} BundleDetails */

const askAgainMs = 2_000;

/**
 * Follows a bundle until all of it has ended, over restarts of the portal. The portal has no stream of bundles: it is
 * asked again and again.
 *
 * @param {Access} access
 * @param {string} id
 * @param {{ readonly json: boolean, readonly patienceMs: number }} how `patienceMs`: how long a portal that was there
 *   before may be away
 * @param {World} world
 * @returns {Promise<number>} the exit code
 */
export async function watchBundle(access, id, { json, patienceMs }, world) {
  const path = `/api/v1/rollout-bundles/${id}`;
  const show = json ? asJson(world) : asLines(world);
  /** @type {BundleDetails} */
  let bundle = await callJson(access, "GET", path);
  show(bundle);
  let heardUnixMs = world.now();
  while (!hasEnded(bundle)) {
    await wait(askAgainMs);
    try {
      bundle = await callJson(access, "GET", path);
      show(bundle);
      heardUnixMs = world.now();
    } catch (error) {
      if (error instanceof Refusal && error.code !== ending.unreachable) {
        throw error;
      }
      if (world.now() - heardUnixMs > patienceMs) {
        throw new Refusal(
          ending.unreachable,
          `The portal at ${access.url.origin} has been away for too long. The bundle goes on without it as far as it is judged; look again later.`,
        );
      }
    }
  }
  return bundle.state === "completed" ? ending.done : ending.notCompleted;
}

/**
 * One bundle as JSON on each line.
 *
 * @param {World} world
 * @returns {(bundle: BundleDetails) => void}
 */
function asJson({ out }) {
  let shown = "";
  return (bundle) => {
    const line = JSON.stringify(bundle);
    if (line !== shown) {
      shown = line;
      out(`${line}\n`);
    }
  };
}

/**
 * A line for each release that moved, and one where the bundle did.
 *
 * @param {World} world
 * @returns {(bundle: BundleDetails) => void}
 */
function asLines({ out }) {
  /** @type {BundleDetails | undefined} */
  let before;
  return (bundle) => {
    for (const line of movedWords(bundle, before)) {
      out(`${line}\n`);
    }
    before = bundle;
  };
}
