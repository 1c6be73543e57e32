// @ts-check
import { ending, Refusal } from "./ending.mjs";
import { findRelease, isId } from "./find-release.mjs";
import { callJson } from "./portal.mjs";

/** @typedef {import("./credentials.mjs").Access} Access */

/**
 * The bundle that is meant: its id, or one of its releases by number or `namespace/service`.
 *
 * @param {Access} access
 * @param {string} meant
 * @returns {Promise<string>} its id
 */
export async function findBundle(access, meant) {
  if (isId(meant)) {
    return meant;
  }
  /** @type {import("../server/contracts/rollouts.ts").RolloutDetails} */
  const release = await callJson(access, "GET", `/api/v1/rollouts/${await findRelease(access, meant)}`);
  if (release.bundle === null) {
    throw new Refusal(
      ending.notFound,
      `Release ${release.number} belongs to no bundle. See them all: npx towpath bundles list`,
    );
  }
  return release.bundle.id;
}
