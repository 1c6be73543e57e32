// @ts-check
import { bundleHeadWords } from "../../bundle-words.mjs";
import { findAccess } from "../../credentials.mjs";
import { ending, Refusal } from "../../ending.mjs";
import { callJson } from "../../portal.mjs";
import { specFromFile } from "../../spec.mjs";
import { watchBundle } from "../../watch-bundle.mjs";
import { bundleWatchedHow, bundleWatchFlags } from "./watch.mjs";

/** @type {import("../../command.ts").Command} */
export const startBundle = {
  argument: "",
  summary: "Start releases that belong together from a file",
  flags: {
    file: { type: "string", short: "f", value: "file", text: "title, order and specs as YAML or JSON; - reads stdin" },
    reason: { type: "string", value: "text", text: "why, for the record" },
    watch: { type: "boolean", text: "follow it until it has ended" },
    ...bundleWatchFlags,
  },
  async run({ file, reason, watch: follow, patience, json, ...flags }, _, world) {
    const openedUnixMs = world.now();
    const how = bundleWatchedHow({ patience, json });
    if (file === undefined) {
      throw new Refusal(
        ending.usage,
        "Say what to release: npx towpath bundles start -f bundle.yaml, with a title and specs as in docs/api.md.",
      );
    }
    const access = await findAccess(flags, world);
    const asked = await specFromFile(file, world);
    if (typeof asked !== "object" || asked === null || Array.isArray(asked)) {
      throw new Refusal(ending.usage, `${file} holds no bundle. It needs a title and specs, as in docs/api.md.`);
    }
    const body = { ...asked, openedUnixMs, ...(reason === undefined ? {} : { reason }) };
    const bundle = await callJson(access, "POST", "/api/v1/rollout-bundles", body);
    if (!how.json || follow !== true) {
      world.out(how.json ? `${JSON.stringify(bundle)}\n` : `${bundleHeadWords(bundle)}\nId ${bundle.id}\n`);
    }
    return follow === true ? watchBundle(access, bundle.id, how, world) : ending.done;
  },
};
