// @ts-check
// Where the portal is and what opens it: flags, then the environment, then what `login` kept.
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ending, Refusal } from "./ending.mjs";

/** @typedef {import("./world.ts").World} World */
/** @typedef {{ readonly url: URL, readonly token: string }} Access */
/** @typedef {{ readonly url?: string, readonly "token-file"?: string, readonly "allow-http"?: boolean }} AccessFlags */

const defaultUrl = "http://127.0.0.1:3000";
const tokenForm = /^twp_[A-Za-z0-9_-]{43}$/;

/** @param {Pick<World, "env" | "home">} world */
export const credentialsFile = ({ env, home }) =>
  join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "towpath", "credentials");

/**
 * A token as it was read, without the line feed that files end with.
 *
 * @param {string} text
 * @param {string} where named when it is none; the text itself is never told
 */
export function tokenIn(text, where) {
  const token = text.trim();
  if (!tokenForm.test(token)) {
    throw new Refusal(
      ending.usage,
      `${where} holds no token of Towpath: one begins with twp_. Make one on the portal's page API tokens.`,
    );
  }
  return token;
}

/**
 * @param {string} text
 * @param {boolean} allowHttp a token may go to another machine unencrypted
 */
export function portalUrl(text, allowHttp) {
  /** @type {URL} */
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Refusal(ending.usage, "The portal's address is not a URL. Give one such as https://towpath.example.com.");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new Refusal(ending.usage, "The portal's address must begin with https:// or http://.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new Refusal(ending.usage, "The portal's address must not hold a password. Use a token.");
  }
  if (url.protocol === "http:" && !isThisMachine(url.hostname) && !allowHttp) {
    throw new Refusal(
      ending.usage,
      `${url.origin} is not encrypted: anybody on the way could read the token. Use https://, or --allow-http if you know the way.`,
    );
  }
  return url;
}

/** @param {string} host */
const isThisMachine = (host) => host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * @param {AccessFlags} flags
 * @param {World} world
 * @returns {Promise<Access>}
 */
export async function findAccess(flags, world) {
  const { env } = world;
  const named = flags.url ?? (env["TOWPATH_URL"] || undefined);
  const kept = await readCredentials(world);
  const url = portalUrl(named ?? kept?.url ?? defaultUrl, flags["allow-http"] === true);
  if (flags["token-file"] !== undefined) {
    return { url, token: tokenIn(await readText(flags["token-file"]), flags["token-file"]) };
  }
  if (env["TOWPATH_TOKEN"]) {
    return { url, token: tokenIn(env["TOWPATH_TOKEN"], "TOWPATH_TOKEN") };
  }
  // A token goes to the portal that made it and to no other.
  if (kept !== undefined && new URL(kept.url).origin === url.origin) {
    return { url, token: kept.token };
  }
  throw new Refusal(
    ending.refused,
    `There is no token for ${url.origin}. Make one on the portal's page API tokens and set TOWPATH_TOKEN, or run: npx towpath login --url ${url.origin} --token-stdin`,
  );
}

/** @param {string} file */
async function readText(file) {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Refusal(ending.usage, `${file} cannot be read: ${reasonOf(error)}.`);
  }
}

/** @param {unknown} error */
const reasonOf = (error) =>
  /** @type {{ code?: string }} */ (error).code === "ENOENT" ? "there is no such file" : "access is denied";

/**
 * @param {World} world
 * @returns {Promise<{ url: string, token: string } | undefined>}
 */
async function readCredentials(world) {
  const file = credentialsFile(world);
  /** @type {import("node:fs").Stats} */
  let found;
  try {
    found = await stat(file);
  } catch {
    return undefined;
  }
  if ((found.mode & 0o077) !== 0) {
    throw new Refusal(
      ending.usage,
      `${file} can be read by others on this machine. End its token on the portal's page API tokens, make a new one, and run: chmod 600 ${file}`,
    );
  }
  const text = await readText(file);
  try {
    const { url, token } = /** @type {{ url: string, token: string }} */ (JSON.parse(text));
    return { url: new URL(url).href, token: tokenIn(token, file) };
  } catch {
    throw new Refusal(ending.usage, `${file} cannot be understood. Remove it and log in again.`);
  }
}

/**
 * For this person's eyes only, whole or not at all.
 *
 * @param {World} world
 * @param {Access} access
 * @returns {Promise<string>} the file
 */
export async function keepCredentials(world, { url, token }) {
  const file = credentialsFile(world);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify({ url: url.origin, token })}\n`, { mode: 0o600 });
  // A file that a stopped login left behind keeps its mode when it is written again.
  await chmod(beside, 0o600);
  await rename(beside, file);
  return file;
}
