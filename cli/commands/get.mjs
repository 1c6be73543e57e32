// @ts-check
import { findAccess } from "../credentials.mjs";
import { ending } from "../ending.mjs";
import { findRelease } from "../find-release.mjs";
import { callJson } from "../portal.mjs";
import { detailWords, hasEnded } from "../release-words.mjs";

/** @type {import("../command.ts").Command} */
export const get = {
  argument: "<release>",
  summary: "A release with its steps, figures and last events",
  flags: {
    "exit-status": { type: "boolean", text: "exit code 1 when it ended in another way than completed" },
  },
  async run({ "exit-status": exitStatus, json, ...flags }, meant, world) {
    const access = await findAccess(flags, world);
    const release = await callJson(access, "GET", `/api/v1/rollouts/${await findRelease(access, meant)}`);
    world.out(json === true ? `${JSON.stringify(release)}\n` : detailWords(release));
    return exitStatus === true && hasEnded(release) && release.state !== "completed"
      ? ending.notCompleted
      : ending.done;
  },
};
