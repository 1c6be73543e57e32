// @ts-check
import { ending, Refusal } from "./ending.mjs";
import { callJson } from "./portal.mjs";

/** @typedef {import("./credentials.mjs").Access} Access */
/** @typedef {import("../server/contracts/rollouts.ts").RolloutList} RolloutList */

/** @param {string} text */
export const isId = (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/**
 * The release that is meant: its id, its number, or `namespace/service` for the one on its way, else the newest.
 *
 * @param {Access} access
 * @param {string} meant
 * @returns {Promise<string>} its id
 */
export async function findRelease(access, meant) {
  if (isId(meant)) {
    return meant;
  }
  if (/^[1-9]\d{0,8}$/.test(meant)) {
    const list = await lookUp(access, { before: String(Number(meant) + 1), limit: "1" });
    const found = list.rollouts.find(({ number }) => number === Number(meant));
    return found?.id ?? missing(`There is no release ${meant}.`);
  }
  const { namespace, name } = serviceOf(meant);
  const active = await lookUp(access, { namespace, service: name, active: "true", limit: "50" });
  const onItsWay = active.rollouts.find(({ state }) => state !== "queued") ?? active.rollouts.at(-1);
  if (onItsWay !== undefined) {
    return onItsWay.id;
  }
  const newest = await lookUp(access, { namespace, service: name, limit: "1" });
  return newest.rollouts[0]?.id ?? missing(`There is no release of ${meant}.`);
}

/**
 * @param {Access} access
 * @param {Readonly<Record<string, string>>} query
 * @returns {Promise<RolloutList>}
 */
const lookUp = (access, query) => callJson(access, "GET", `/api/v1/rollouts?${new URLSearchParams(query)}`);

/**
 * @param {string} text
 * @returns {never}
 */
function missing(text) {
  throw new Refusal(ending.notFound, `${text} See them all: npx towpath rollouts list`);
}

/** @param {string} text `namespace/name` */
export function serviceOf(text) {
  const [, namespace, name] = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new Refusal(
      ending.usage,
      "Name a release by its number, its id, or its service as namespace/name, such as shop/cart.",
    );
  }
  return { namespace, name };
}
