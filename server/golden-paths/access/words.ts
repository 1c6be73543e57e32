/** Callers, ports and requests in words. Pure. */
import type { CallerChoice, HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import { identitiesOf } from "@/server/inventory/model.ts";
import { listNames, type PathContext } from "../path.ts";

/** A caller in words: the service that runs under it when there is just one, else the account. */
export function callerTitle(caller: CallerChoice, { inventory }: Pick<PathContext, "inventory">): string {
  if (caller.kind === "anyone") {
    return "anyone";
  }
  const identity = identitiesOf(inventory).find(
    (one) => one.namespace === caller.namespace && one.serviceAccount === caller.serviceAccount,
  );
  const [only, ...others] = identity?.services ?? [];
  return only !== undefined && others.length === 0 ? only : caller.serviceAccount;
}

/** Without looking at the mesh. */
export const shortTitle = (caller: CallerChoice): string =>
  caller.kind === "anyone" ? "anyone" : caller.serviceAccount;

/** "port 80", "ports 80 and 443". */
export const portsText = (ports: readonly number[]): string =>
  `port${ports.length === 1 ? "" : "s"} ${listNames(ports.map(String))}`;

/** "a", "a or b", "a, b or c". */
const either = (names: readonly string[]): string => listNames(names).replace(/ and ([^ ]+)$/, " or $1");

/** "GET or HEAD /headers with x-test-me"; "every request" for a rule that names nothing. */
export function requestText({ methods, paths, headers }: RequestRule): string {
  const parts = [
    ...(methods.length === 0 ? [] : [either(methods)]),
    ...(paths.length === 0 ? [] : [either(paths)]),
    ...(headers.length === 0 ? [] : [headers.map(headerText).join(" and ")]),
  ];
  return parts.length === 0 ? "every request" : parts.join(" ");
}

function headerText({ name, match, values }: HeaderCondition): string {
  switch (match) {
    case "present":
      return `with ${name}`;
    case "absent":
      return `without ${name}`;
    case "value":
      return `with ${name}: ${either(values)}`;
    case "not-value":
      return `unless ${name} is ${either(values)}`;
  }
}

/** "GET /headers; or POST /post"; empty when every request is meant. */
export const requestsText = (requests: readonly RequestRule[]): string => requests.map(requestText).join("; or ");

/** "2026-11-22 18:00 UTC"; the same for everybody who reads it. */
export const timeText = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
