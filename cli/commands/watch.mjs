// @ts-check
import { findAccess } from "../credentials.mjs";
import { findRelease } from "../find-release.mjs";
import { number } from "../spec.mjs";
import { watch } from "../watch.mjs";

/** Flags of whatever follows a release. @satisfies {Readonly<Record<string, import("../command.ts").Flag>>} */
export const watchFlags = /** @type {const} */ ({
  live: { type: "boolean", text: "a table that moves, in a terminal" },
  patience: { type: "string", value: "s", text: "seconds that the portal may be away (120)" },
});

/**
 * @param {{ live?: boolean, patience?: string, json?: boolean }} flags
 */
export const watchedHow = ({ live, patience = "120", json }) => ({
  json: json === true,
  live: live === true,
  patienceMs: number(patience, "--patience") * 1_000,
});

/** @type {import("../command.ts").Command} */
export const watchCommand = {
  argument: "<release>",
  summary: "Follow a release until it has ended: a line for each event",
  flags: watchFlags,
  async run({ live, patience, json, ...flags }, meant, world) {
    const how = watchedHow({ live, patience, json });
    const access = await findAccess(flags, world);
    return watch(access, await findRelease(access, meant), how, world);
  },
};
