/** A plain second reading of access intents: who gets in. Test code. */
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type IntentSet, intentsOf, intentsOfService } from "../intent.ts";
import type { Caller } from "./outcome.ts";
import type { SampleRequest } from "./sample-request.ts";

export interface Call {
  readonly service: ServiceRef;
  readonly from: NonNullable<Caller>;
  readonly port: number;
  readonly request: SampleRequest;
  readonly signedIn: boolean;
}

const pathForm = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+?^$()[\]|\\]/g, "\\$&")
      .replaceAll("{**}", "ANYTHING")
      .replaceAll("{*}", "SEGMENT")
      .replaceAll("*", ".*")
      .replaceAll("ANYTHING", ".*")
      .replaceAll("SEGMENT", "[^/]+")}$`,
  );
const hasPath = (patterns: readonly string[], path: string): boolean =>
  patterns.some((pattern) => pathForm(pattern).test(path));

function hasHeader({ name, match, values }: HeaderCondition, { headers }: SampleRequest): boolean {
  const value = headers.find((header) => header.name === name)?.value;
  const isOne = value !== undefined && hasPath(values, value);
  switch (match) {
    case "present":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "value":
      return isOne;
    case "not-value":
      return !isOne;
  }
}

const fits = ({ methods, paths, headers }: RequestRule, request: SampleRequest): boolean =>
  (methods.length === 0 || methods.includes(request.method)) &&
  (paths.length === 0 || hasPath(paths, request.path)) &&
  headers.every((condition) => hasHeader(condition, request));

const meant = (rules: readonly RequestRule[], request: SampleRequest): boolean =>
  rules.length === 0 || rules.some((rule) => fits(rule, request));

const isSame = (one: NonNullable<Caller>, other: NonNullable<Caller>): boolean =>
  one.namespace === other.namespace && one.serviceAccount === other.serviceAccount;

/** Whether the call arrives; authorizers that are known say yes, a signed-in caller has every claim. */
export function arrives(intents: IntentSet, { service, from, port, request, signedIn }: Call): boolean {
  const own = intentsOfService(intents, service);
  const waypoint = intents.has(`give-a-waypoint/${service.namespace}`);
  const grants = own.filter((one) => one.slug === "let-a-caller-in");
  const blocks = own.filter((one) => one.slug === "block-a-caller");
  const signIn = own.find((one) => one.slug === "require-sign-in");
  const asks = own.filter((one) => one.slug === "ask-an-authorizer");
  const judged =
    signIn !== undefined || asks.length > 0 || [...grants, ...blocks].some(({ requests }) => requests.length > 0);
  if (judged && !waypoint) {
    return false;
  }
  const refused = blocks.some(({ blocked, ports, requests }) => {
    const named =
      blocked.who === "this" ? isSame(blocked.caller, from) : !blocked.callers.some((one) => isSame(one, from));
    return named && ports.includes(port) && meant(requests, request);
  });
  const tokenMissing = signIn !== undefined && !hasPath(signIn.openPaths, request.path) && !signedIn;
  const known = new Set(intentsOf(intents, "know-an-authorizer").map(({ name }) => name));
  const unanswered = asks.some(
    ({ authorizer, methods, paths, exceptPaths }) =>
      !known.has(authorizer) && fits({ methods, paths, headers: [] }, request) && !hasPath(exceptPaths, request.path),
  );
  if (refused || tokenMissing || unanswered) {
    return false;
  }
  const granted = grants.some(
    ({ caller, ports, requests }) =>
      (caller.kind === "anyone" || isSame(caller, from)) && ports.includes(port) && meant(requests, request),
  );
  const closed =
    grants.length > 0 ||
    own.some(({ slug }) => slug === "keep-closed") ||
    intents.has(`lock-down/${service.namespace}`);
  return granted || !closed;
}
