// @ts-check
import { findAccess } from "../credentials.mjs";
import { ending, Refusal } from "../ending.mjs";
import { callJson } from "../portal.mjs";
import { headWords } from "../release-words.mjs";
import { specFromFile, specFromFlags } from "../spec.mjs";
import { watch } from "../watch.mjs";
import { watchedHow, watchFlags } from "./watch.mjs";

/** @typedef {import("../credentials.mjs").Access} Access */
/** @typedef {import("../../server/contracts/rollouts.ts").RolloutOptions} RolloutOptions */

/** @type {import("../command.ts").Command} */
export const start = {
  argument: "",
  summary: "Start a release from a file, or from flags",
  flags: {
    file: { type: "string", short: "f", value: "file", text: "the whole release as YAML or JSON; - reads stdin" },
    service: { type: "string", value: "ns/name", text: "the service" },
    canary: { type: "string", value: "version", text: "the new version" },
    stable: { type: "string", value: "version", text: "the version to compare with (that of the route)" },
    kind: { type: "string", value: "kind", text: "weighted, progressive, header-canary, … (weighted)" },
    steps: { type: "string", value: "1,10,50,100", text: "shares in percent, one after the other" },
    hold: { type: "string", value: "1m", text: "each step stays at least so long" },
    gates: { type: "string", value: "10,50", text: "steps that end only when a person says so" },
    header: { type: "string", value: "name=value", text: "calls with it always get the new version" },
    image: { type: "string", value: "image", text: "start the new version's pods with it" },
    replicas: { type: "string", value: "n", text: "start so many pods (as many as the stable version has)" },
    "no-analysis": { type: "boolean", text: "no step is judged" },
    reason: { type: "string", value: "text", text: "why, for the record" },
    watch: { type: "boolean", text: "follow it until it has ended" },
    ...watchFlags,
  },
  async run(
    {
      file,
      reason = "",
      watch: follow,
      live,
      patience,
      json,
      url,
      "token-file": tokenFile,
      "allow-http": allowHttp,
      ...wanted
    },
    _,
    world,
  ) {
    const openedUnixMs = world.now();
    const how = watchedHow({ live, patience, json });
    if (file !== undefined && Object.keys(wanted).length > 0) {
      throw new Refusal(ending.usage, `The file says what to release: leave --${Object.keys(wanted)[0]} away.`);
    }
    const access = await findAccess({ url, "token-file": tokenFile, "allow-http": allowHttp }, world);
    const spec =
      file === undefined
        ? await specFromFlags(wanted, (service) => stableOf(access, service))
        : await specFromFile(file, world);
    const release = await callJson(access, "POST", "/api/v1/rollouts", { spec, openedUnixMs, reason });
    if (follow === true) {
      if (!how.json) {
        world.out(`${headWords(release)}\n`);
      }
      return watch(access, release.id, how, world);
    }
    world.out(how.json ? `${JSON.stringify(release)}\n` : `${headWords(release)}\n`);
    return ending.done;
  },
};

/**
 * @param {Access} access
 * @param {{ namespace: string, name: string }} service
 */
async function stableOf(access, { namespace, name }) {
  const query = new URLSearchParams({ namespace, service: name });
  /** @type {RolloutOptions} */
  const { services } = await callJson(access, "GET", `/api/v1/rollouts/options?${query}`);
  const stable = services[0]?.stable;
  if (services[0] === undefined) {
    throw new Refusal(ending.notFound, `There is no service ${namespace}/${name}.`);
  }
  if (stable === null || stable === undefined) {
    const running = services[0].versions.map(({ version }) => version).join(", ");
    throw new Refusal(
      ending.usage,
      `Calls to ${namespace}/${name} go to all of its versions (${running || "none"}). Say which one is the stable one: --stable v1.`,
    );
  }
  return stable;
}
