// @ts-check
import { bundleWords, hasEnded } from "../../bundle-words.mjs";
import { findAccess } from "../../credentials.mjs";
import { ending } from "../../ending.mjs";
import { findBundle } from "../../find-bundle.mjs";
import { callJson } from "../../portal.mjs";

/** @type {import("../../command.ts").Command} */
export const getBundle = {
  argument: "<bundle>",
  summary: "A bundle with its releases",
  flags: {
    "exit-status": { type: "boolean", text: "exit code 1 when it ended in another way than completed" },
  },
  async run({ "exit-status": exitStatus, json, ...flags }, meant, world) {
    const access = await findAccess(flags, world);
    const bundle = await callJson(access, "GET", `/api/v1/rollout-bundles/${await findBundle(access, meant)}`);
    world.out(json === true ? `${JSON.stringify(bundle)}\n` : bundleWords(bundle));
    return exitStatus === true && hasEnded(bundle) && bundle.state !== "completed" ? ending.notCompleted : ending.done;
  },
};
