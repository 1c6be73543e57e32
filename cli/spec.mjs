// @ts-check
// What shall be released: from a file, or from flags.
import { readFile } from "node:fs/promises";
import { ending, Refusal } from "./ending.mjs";
import { serviceOf } from "./find-release.mjs";

/** @typedef {import("./world.ts").World} World */
/**
 * @typedef {{
 *   service?: string, canary?: string, stable?: string, kind?: string, steps?: string, hold?: string, gates?: string,
 *   header?: string, image?: string, replicas?: string, "no-analysis"?: boolean,
 * }} SpecFlags
 */

const fileMax = 256 * 1024;

/** @param {string} text */
const wrong = (text) => new Refusal(ending.usage, text);

/**
 * A spec as JSON or YAML; the portal checks what is in it.
 *
 * @param {string} file `-` for stdin
 * @param {World} world
 * @returns {Promise<unknown>}
 */
export async function specFromFile(file, world) {
  const text = file === "-" ? await readStdin(world) : await readSpec(file);
  if (text.length > fileMax) {
    throw wrong(`${file} is larger than ${fileMax / 1024} KiB.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // YAML, or broken JSON, which YAML says better.
  }
  const yaml = await import("yaml").catch(() => {
    throw wrong(
      `${file} is no JSON, and YAML can be read after npm start has installed Towpath. Run it, or give JSON.`,
    );
  });
  try {
    return yaml.parse(text, { maxAliasCount: 10 });
  } catch (error) {
    throw wrong(`${file} is neither JSON nor YAML: ${/** @type {Error} */ (error).message.split("\n")[0]}`);
  }
}

/** @param {string} file */
const readSpec = (file) =>
  readFile(file, "utf8").catch(() => {
    throw wrong(`${file} cannot be read. Check the name, and that you may read it.`);
  });

/** @param {World} world */
export async function readStdin({ stdin }) {
  let text = "";
  for await (const chunk of stdin) {
    text += chunk;
    if (text.length > fileMax) {
      throw wrong(`The input is larger than ${fileMax / 1024} KiB.`);
    }
  }
  return text;
}

/**
 * @param {SpecFlags} flags
 * @param {(service: { namespace: string, name: string }) => Promise<string>} stableOf the version that calls go to now
 */
export async function specFromFlags(flags, stableOf) {
  const { service: named, canary, kind = "weighted", hold, image, replicas } = flags;
  if (named === undefined || canary === undefined || flags.steps === undefined) {
    throw wrong("Say what to release: -f spec.yaml, or --service shop/cart --canary v2 --steps 1,10,50,100.");
  }
  const service = serviceOf(named);
  const weights = percentages(flags.steps, "--steps");
  const gates = flags.gates === undefined ? [] : percentages(flags.gates, "--gates");
  const stray = gates.find((gate) => !weights.includes(gate));
  if (stray !== undefined) {
    throw wrong(`--gates names ${stray}, which is no step. The steps are ${weights.join(", ")}.`);
  }
  return {
    service,
    kind,
    stable: flags.stable ?? (await stableOf(service)),
    canary,
    ...(image === undefined && replicas === undefined
      ? {}
      : {
          start: {
            ...(image === undefined ? {} : { image }),
            ...(replicas === undefined ? {} : { replicas: number(replicas, "--replicas") }),
          },
        }),
    ...(flags.header === undefined ? {} : { match: [headerMatch(flags.header)] }),
    steps: weights.map((weight) => ({
      weight,
      ...(hold === undefined ? {} : { hold }),
      ...(flags["no-analysis"] === true ? { analysis: false } : {}),
      ...(gates.includes(weight) ? { gate: true } : {}),
    })),
  };
}

/**
 * @param {string} list
 * @param {string} flag
 */
const percentages = (list, flag) => list.split(",").map((part) => number(part.trim().replace(/%$/, ""), flag));

/**
 * @param {string} text
 * @param {string} flag
 */
export function number(text, flag) {
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(text)) {
    throw wrong(`${flag} wants numbers, not "${text}".`);
  }
  return Number(text);
}

/** @param {string} text `name=value` */
function headerMatch(text) {
  const at = text.indexOf("=");
  if (at < 1) {
    throw wrong("--header wants a name and a value, such as --header x-canary=true.");
  }
  return { by: "header", name: text.slice(0, at), value: text.slice(at + 1) };
}
