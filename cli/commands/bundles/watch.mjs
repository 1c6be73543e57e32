// @ts-check
import { findAccess } from "../../credentials.mjs";
import { findBundle } from "../../find-bundle.mjs";
import { number } from "../../spec.mjs";
import { watchBundle } from "../../watch-bundle.mjs";

/** Flags of whatever follows a bundle. @satisfies {Readonly<Record<string, import("../../command.ts").Flag>>} */
export const bundleWatchFlags = /** @type {const} */ ({
  patience: { type: "string", value: "s", text: "seconds that the portal may be away (120)" },
});

/**
 * @param {{ patience?: string, json?: boolean }} flags
 */
export const bundleWatchedHow = ({ patience = "120", json }) => ({
  json: json === true,
  patienceMs: number(patience, "--patience") * 1_000,
});

/** @type {import("../../command.ts").Command} */
export const watchBundleCommand = {
  argument: "<bundle>",
  summary: "Follow a bundle until it has ended: a line for each release that moves",
  flags: bundleWatchFlags,
  async run({ patience, json, ...flags }, meant, world) {
    const how = bundleWatchedHow({ patience, json });
    const access = await findAccess(flags, world);
    return watchBundle(access, await findBundle(access, meant), how, world);
  },
};
