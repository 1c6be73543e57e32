// @ts-check
// The portal's API over node:http alone: no redirects, so a token goes nowhere else.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { ending, endingOf, Refusal } from "./ending.mjs";
import { printable } from "./printable.mjs";

/** @typedef {import("./credentials.mjs").Access} Access */
/** @typedef {import("node:http").IncomingMessage} Answer */

const answerMs = 30_000;
const answerMax = 32 * 1024 * 1024;

/**
 * Sends a request; resolves when the head of a 2xx answer is there.
 *
 * @param {Access} access
 * @param {"GET" | "POST"} method
 * @param {string} path with its query
 * @param {unknown} [body] goes out as JSON
 * @param {string} [accept]
 * @returns {Promise<Answer>} its body is still to be read
 * @throws {Refusal} for anything else
 */
export async function call(access, method, path, body, accept = "application/json") {
  const { url, token } = access;
  const address = new URL(path, url);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    accept,
    authorization: `Bearer ${token}`,
    "user-agent": "towpath-cli",
    ...(sent === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(sent) }),
  };
  const send = address.protocol === "https:" ? httpsRequest : httpRequest;
  const answer = await /** @type {Promise<Answer>} */ (
    new Promise((resolve, reject) => {
      const request = send(address, { method, headers, timeout: answerMs, agent: false }, (response) => {
        request.setTimeout(0);
        resolve(response);
      });
      request.on("timeout", () => request.destroy(new Error("timeout")));
      request.on("error", (error) => reject(unreachable(url, error)));
      request.end(sent);
    })
  );
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    return answer;
  }
  throw refusalOf(url, status, await readAll(answer, url));
}

/**
 * @param {Access} access
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>} what the address answers by the contracts
 */
export async function callJson(access, method, path, body) {
  const answer = await call(access, method, path, body);
  const text = await readAll(answer, access.url);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(ending.unreachable, `What answers at ${access.url.origin} is no Towpath portal.`);
  }
}

/**
 * @param {Access} access
 * @param {string} path
 * @returns {Promise<string>}
 */
export const callText = async (access, path) =>
  readAll(await call(access, "GET", path, undefined, "text/markdown, application/json"), access.url);

/**
 * @param {Answer} answer
 * @param {URL} url
 */
async function readAll(answer, url) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  // A portal that dies in the middle must not leave this waiting.
  answer.setTimeout(answerMs, () => answer.destroy(new Error("timeout")));
  try {
    for await (const chunk of answer) {
      size += chunk.length;
      if (size > answerMax) {
        throw new Error("too large");
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * @param {URL} url
 * @param {unknown} error
 */
function unreachable(url, error) {
  const { code, message } = /** @type {{ code?: string, message?: string }} */ (error);
  return new Refusal(
    ending.unreachable,
    `No portal answers at ${url.origin} (${printable(code ?? message ?? "no answer")}). Start it with npm start, or name another by --url or TOWPATH_URL.`,
  );
}

/**
 * @param {URL} url
 * @param {number} status
 * @param {string} text
 */
function refusalOf(url, status, text) {
  /** @type {Partial<import("../server/contracts/errors.ts").Problem>} */
  let problem = {};
  try {
    problem = JSON.parse(text) ?? {};
  } catch {
    // Not a portal, or something in between.
  }
  const { code, detail, fields = [] } = problem;
  if (typeof code !== "string" || typeof detail !== "string") {
    const what = `What answers at ${url.origin} is no Towpath portal, or something stands before it: it said ${status}.`;
    return new Refusal(status === 401 || status === 403 ? ending.refused : ending.unreachable, what);
  }
  const more = fields.slice(1).map(({ path, message }) => `  ${path}: ${message}`);
  return new Refusal(endingOf(status, code), [detail, ...more].map(printable).join("\n"), code);
}
