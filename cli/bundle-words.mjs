// @ts-check
// A bundle as lines for people.
import { printable, table } from "./printable.mjs";
import { clock, headWords, listWords } from "./release-words.mjs";

/** @typedef {import("../server/contracts/rollout-bundles.ts").BundleDetails} BundleDetails */

/** @param {Pick<BundleDetails, "state">} bundle */
export const hasEnded = ({ state }) => state !== "running" && state !== "rolling-back";

/** @param {BundleDetails} bundle */
const servicesOf = ({ rollouts }) => rollouts.map(({ service }) => service.name).join(", ");

/** @param {readonly BundleDetails[]} bundles */
export const bundleListWords = (bundles) =>
  bundles.length === 0
    ? "No bundles.\n"
    : table([
        ["ID", "TITLE", "STATE", "DONE", "SERVICES"],
        ...bundles.map((one) => [
          one.id,
          one.title,
          one.state,
          `${one.rollouts.filter(({ state }) => state === "completed").length}/${one.rollouts.length}`,
          servicesOf(one),
        ]),
      ]);

/** @param {BundleDetails} bundle */
export const bundleHeadWords = ({ title, state, words }) =>
  printable(`Bundle "${title}": ${state}${words === "" ? "" : `. ${words}`}`);

/** @param {BundleDetails} bundle */
export function bundleWords(bundle) {
  const { id, state, order, abortTogether, startedBy, createdUnixMs, abortable, rollouts } = bundle;
  const facts = [
    ["Id", id],
    ["State", state],
    ["Order", order === "in-order" ? "one after the other" : "all at once"],
    ["Aborts", abortTogether ? "all of them when one goes back" : "each for itself"],
    ["Started by", `${startedBy.name}, ${clock(createdUnixMs)}`],
    ["May now", abortable ? "abort" : "nothing"],
  ];
  return `${bundleHeadWords(bundle)}\n\n${table(facts)}\n${listWords(rollouts)}`;
}

/**
 * What is to be said when a bundle stands otherwise than when it was told last: a line for each release that moved.
 *
 * @param {BundleDetails} bundle
 * @param {BundleDetails | undefined} before
 * @returns {string[]}
 */
export function movedWords(bundle, before) {
  const told = new Map(before?.rollouts.map((one) => [one.id, headWords(one)]));
  const moved = bundle.rollouts.map((one) => ({ id: one.id, words: headWords(one) }));
  return [
    ...moved.filter(({ id, words }) => told.get(id) !== words).map(({ words }) => words),
    ...(before?.state === bundle.state ? [] : [bundleHeadWords(bundle)]),
  ];
}
