/**
 * Asks services over HTTP whether a release may go on: 2xx is yes, 202 not yet, all else no. At its beginning and its
 * end, where asking again costs nothing but time, 5xx and no answer are "not yet" too.
 */
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

type Said = Omit<WebhookOutcome, "name">;
const failed = (words: string): Said => ({ outcome: "failed", words });

/** An interval is judged once: what gave no answer about it has missed it. */
const isPatient = ({ when }: WebhookRule): boolean => when !== "during";
const nothingYet = (rule: WebhookRule, words: string): Said =>
  isPatient(rule) ? { outcome: "waiting", words } : failed(words);

function saidBy(rule: WebhookRule, status: number): Said {
  const words = String(status);
  if (status >= 500) {
    return nothingYet(rule, words);
  }
  return { outcome: status === 202 ? "waiting" : status >= 200 && status < 300 ? "passed" : "failed", words };
}

async function ask(
  rule: WebhookRule,
  facts: Readonly<Record<string, unknown>>,
  allowLoopback: boolean,
): Promise<WebhookOutcome> {
  const body = JSON.stringify({ ...facts, webhook: rule.name, when: rule.when });
  if (body.length > factsMax) {
    return { name: rule.name, ...failed("has more to be told than fits") };
  }
  const url = new URL(rule.url);
  const why = whyNotAsked(url, allowLoopback);
  const said =
    why === ""
      ? await statusOf(url, body, Math.min(msOf(rule.timeout), longestMs), allowLoopback).then(
          (status) => saidBy(rule, status),
          (error: unknown) => silent(rule, error),
        )
      : failed(why);
  return { name: rule.name, ...said };
}

/** Nobody answered, or nobody may be asked there. */
function silent(rule: WebhookRule, error: unknown): Said {
  if (error instanceof RefusedAddress) {
    return failed(error.message);
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return nothingYet(rule, `did not answer within ${rule.timeout}`);
  }
  const words = error instanceof Error && error.message !== "" ? error.message : "no connection";
  return nothingYet(rule, `could not be asked: ${words}`);
}

/** The name leads where no webhook may be: asking again does not help. */
class RefusedAddress extends Error {}

/** Empty when it may be asked, as far as the address says so itself. */
function whyNotAsked({ protocol, username, password, hostname }: URL, allowLoopback: boolean): string {
  if (!/^https?:$/.test(protocol) || username !== "" || password !== "") {
    return "has no plain http or https address";
  }
  const host = hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? "" : refusedAddress(host, allowLoopback);
}

/** Of the answer its status only: nothing of it is read or followed. Rejects what cannot be asked. */
function statusOf(url: URL, body: string, timeoutMs: number, allowLoopback: boolean): Promise<number> {
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
        done(why === undefined ? new Error(`${host} has no address`) : new RefusedAddress(why), []);
      } else if (options.all === true) {
        done(null, addresses);
      } else {
        done(null, first.address, first.family);
      }
    });
  };
