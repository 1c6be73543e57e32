/** Asks services over HTTP whether a release may go on: 2xx is yes, 202 not yet, all else no. */
import { lookup } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { WebhookRule } from "@/server/contracts/rollout-spec.ts";
import type { WebhookOutcome } from "../analysis/judge.ts";
import { msOf } from "../machine/circumstances.ts";
import type { WebhookPort } from "../ports.ts";
import { refusedAddress } from "./address.ts";

const longestMs = 60_000;
const factsMax = 16_384;

/** `allowLoopback`: this machine may be asked. */
export function createWebhooks({ allowLoopback }: { readonly allowLoopback: boolean }): WebhookPort {
  return {
    ask: (rules, when, facts) =>
      Promise.all(rules.filter((rule) => rule.when === when).map((rule) => ask(rule, facts, allowLoopback))),
  };
}

const failed = (name: string, words: string): WebhookOutcome => ({ name, outcome: "failed", words });

async function ask(
  rule: WebhookRule,
  facts: Readonly<Record<string, unknown>>,
  allowLoopback: boolean,
): Promise<WebhookOutcome> {
  const body = JSON.stringify({ ...facts, webhook: rule.name, when: rule.when });
  if (body.length > factsMax) {
    return failed(rule.name, "has more to be told than fits");
  }
  try {
    const status = await statusOf(new URL(rule.url), body, Math.min(msOf(rule.timeout), longestMs), allowLoopback);
    const outcome = status === 202 ? "waiting" : status >= 200 && status < 300 ? "passed" : "failed";
    return { name: rule.name, outcome, words: String(status) };
  } catch (error) {
    const words =
      error instanceof Error && error.name === "TimeoutError" ? `did not answer within ${rule.timeout}` : said(error);
    return failed(rule.name, words);
  }
}

const said = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : "could not be asked";

/** Of the answer its status only: nothing of it is read or followed. Rejects what may not or cannot be asked. */
function statusOf(url: URL, body: string, timeoutMs: number, allowLoopback: boolean): Promise<number> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const why = isIP(host) === 0 ? "" : refusedAddress(host, allowLoopback);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return Promise.reject(new Error("has no plain http or https address"));
  }
  if (why !== "") {
    return Promise.reject(new Error(why));
  }
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "towpath",
      },
      signal: AbortSignal.timeout(timeoutMs),
      lookup: checkedLookup(allowLoopback),
      agent: false,
    });
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", (error) => reject(error.name === "AbortError" ? new DOMException("", "TimeoutError") : error));
    request.end(body);
  });
}

/** The address that is connected to is the one that was looked at, whatever the name means a moment later. */
const checkedLookup =
  (allowLoopback: boolean): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(new Error(`${host} is not known`), []);
        return;
      }
      const why = addresses.map(({ address }) => refusedAddress(address, allowLoopback)).find((text) => text !== "");
      const [first] = addresses;
      if (why !== undefined || first === undefined) {
        done(new Error(why ?? `${host} has no address`), []);
      } else if (options.all === true) {
        done(null, addresses);
      } else {
        done(null, first.address, first.family);
      }
    });
  };
