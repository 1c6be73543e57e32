// @ts-check
import { writeFile } from "node:fs/promises";
import { findAccess } from "../credentials.mjs";
import { ending, Refusal } from "../ending.mjs";
import { findRelease } from "../find-release.mjs";
import { callText } from "../portal.mjs";

/** @type {import("../command.ts").Command} */
export const report = {
  argument: "<release>",
  summary: "The report of a release as Markdown; with --json all that is known",
  flags: {
    output: { type: "string", short: "o", value: "file", text: "write it there instead" },
  },
  async run({ output, json, ...flags }, meant, world) {
    const access = await findAccess(flags, world);
    const id = await findRelease(access, meant);
    const text = await callText(access, `/api/v1/rollouts/${id}/report?format=${json === true ? "json" : "markdown"}`);
    if (output === undefined) {
      world.out(text.endsWith("\n") ? text : `${text}\n`);
    } else {
      await writeFile(output, text).catch(() => {
        throw new Refusal(ending.usage, `${output} cannot be written.`);
      });
    }
    return ending.done;
  },
};
