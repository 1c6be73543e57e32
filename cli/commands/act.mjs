// @ts-check
import { findAccess } from "../credentials.mjs";
import { ending, Refusal } from "../ending.mjs";
import { findRelease } from "../find-release.mjs";
import { callJson } from "../portal.mjs";
import { headWords } from "../release-words.mjs";
import { number } from "../spec.mjs";

/** @typedef {import("../command.ts").Command} Command */

const summaries = /** @type {const} */ ({
  promote: "Take the next step",
  pause: "Hold it where it is",
  resume: "Let it go on",
  abort: "Give all calls back to the stable version",
  retry: "Start a release that did not complete again",
  restart: "Begin again with a step",
  undo: "Give the calls back after it completed",
});
/** @typedef {keyof typeof summaries} Action */

export const actions = /** @type {Action[]} */ (Object.keys(summaries));

/**
 * A command that moves a release.
 *
 * @param {Action} action
 * @returns {Command}
 */
export const act = (action) => ({
  argument: "<release>",
  summary: summaries[action],
  flags: {
    ...(action === "promote" ? { fully: { type: "boolean", text: "give the new version all calls at once" } } : {}),
    ...(action === "restart" ? { step: { type: "string", value: "n", text: "the step, from 1 (1)" } } : {}),
    reason: { type: "string", value: "text", text: "why, for the record" },
    revision: { type: "string", value: "n", text: "only if it has not moved on since get showed this revision" },
  },
  async run({ fully, step, reason = "", revision, json, ...flags }, meant, world) {
    const body = {
      reason,
      revision: revision === undefined ? null : number(revision, "--revision"),
      step: action === "restart" ? stepOf(step ?? "1") : null,
    };
    const access = await findAccess(flags, world);
    const id = await findRelease(access, meant);
    const what = fully === true ? "promote-fully" : action;
    const release = await callJson(access, "POST", `/api/v1/rollouts/${id}/${what}`, body);
    world.out(json === true ? `${JSON.stringify(release)}\n` : `${headWords(release)}\n`);
    return ending.done;
  },
});

/**
 * People count from 1, the API from 0.
 *
 * @param {string} text
 */
function stepOf(text) {
  const step = number(text, "--step");
  if (!Number.isInteger(step) || step < 1) {
    throw new Refusal(ending.usage, "--step wants the number of a step, from 1.");
  }
  return step - 1;
}
