// @ts-check
import { bundleHeadWords } from "../../bundle-words.mjs";
import { findAccess } from "../../credentials.mjs";
import { ending } from "../../ending.mjs";
import { findBundle } from "../../find-bundle.mjs";
import { callJson } from "../../portal.mjs";

/** @type {import("../../command.ts").Command} */
export const abortBundle = {
  argument: "<bundle>",
  summary: "Take all releases of a bundle back, the completed ones too",
  flags: {
    reason: { type: "string", value: "text", text: "why, for the record" },
  },
  async run({ reason = "", json, ...flags }, meant, world) {
    const access = await findAccess(flags, world);
    const id = await findBundle(access, meant);
    const bundle = await callJson(access, "POST", `/api/v1/rollout-bundles/${id}/abort`, { reason });
    world.out(json === true ? `${JSON.stringify(bundle)}\n` : `${bundleHeadWords(bundle)}\n`);
    return ending.done;
  },
};
