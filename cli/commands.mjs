// @ts-check
// Every command with its flags: what is parsed and what `--help` says come from here.
import { act, actions } from "./commands/act.mjs";
import { abortBundle } from "./commands/bundles/abort.mjs";
import { getBundle } from "./commands/bundles/get.mjs";
import { listBundles } from "./commands/bundles/list.mjs";
import { startBundle } from "./commands/bundles/start.mjs";
import { watchBundleCommand } from "./commands/bundles/watch.mjs";
import { get } from "./commands/get.mjs";
import { list } from "./commands/list.mjs";
import { login } from "./commands/login.mjs";
import { report } from "./commands/report.mjs";
import { start } from "./commands/start.mjs";
import { watchCommand } from "./commands/watch.mjs";

/** @typedef {import("./command.ts").Command} Command */

/** By what is typed behind `towpath`. @type {ReadonlyMap<string, Command>} */
export const commands = new Map([
  ["login", login],
  ["rollouts list", list],
  ["rollouts get", get],
  ["rollouts watch", watchCommand],
  ["rollouts start", start],
  ...actions.map((action) => /** @type {[string, Command]} */ ([`rollouts ${action}`, act(action)])),
  ["rollouts report", report],
  ["bundles list", listBundles],
  ["bundles get", getBundle],
  ["bundles watch", watchBundleCommand],
  ["bundles start", startBundle],
  ["bundles abort", abortBundle],
]);
