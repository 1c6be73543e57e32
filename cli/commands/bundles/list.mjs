// @ts-check
import { bundleListWords } from "../../bundle-words.mjs";
import { findAccess } from "../../credentials.mjs";
import { ending } from "../../ending.mjs";
import { callJson } from "../../portal.mjs";

/** @type {import("../../command.ts").Command} */
export const listBundles = {
  argument: "",
  summary: "Bundles of releases, the newest 50",
  flags: {},
  async run({ json, ...flags }, _, world) {
    const found = await callJson(await findAccess(flags, world), "GET", "/api/v1/rollout-bundles");
    world.out(json === true ? `${JSON.stringify(found)}\n` : bundleListWords(found.bundles));
    return ending.done;
  },
};
