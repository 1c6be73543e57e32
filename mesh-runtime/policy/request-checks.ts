/** The matchers of a layer 7 rule as checks (istiod's `pilot/pkg/security/authz/model`). */
import { CheckList } from "./check-list.ts";
import type { HttpOperation, HttpSource } from "./http-model.ts";
import { lowerCased, stringTest, writtenForm } from "./match-string.ts";
import type { Action, StringMatch } from "./model.ts";
import { isPathTemplate, parsePathTemplate } from "./path-template.ts";
import type { Alternative } from "./prepared-policy.ts";
import type { RequestContext } from "./request-context.ts";
import { addRequestPrincipals } from "./token-checks.ts";

type Matches = readonly StringMatch[] | undefined;

/** One `from` entry. With `tcp`, what only HTTP can answer is left out. */
export function sourceChecks(source: HttpSource, action: Action, tcp: boolean): Alternative<RequestContext> {
  const checks = new CheckList<RequestContext>(action);
  checks.strings("source.principal", source.principals, source.notPrincipals, (at) => at.principal);
  checks.serviceAccounts(source.serviceAccounts, source.notServiceAccounts, (at) => at.parts);
  addNamespaces(checks, source.namespaces, source.notNamespaces);
  checks.ranges("source.ip", source.ipBlocks, source.notIpBlocks, (at) => at.sourceIp);
  checks.ranges("remote.ip", source.remoteIpBlocks, source.notRemoteIpBlocks, (at) => at.remoteIp);
  if (!tcp) {
    addRequestPrincipals(checks, source.requestPrincipals, source.notRequestPrincipals);
  }
  return checks.alternative;
}

/** One `to` entry. With `tcp`, what only HTTP can answer is left out. */
export function operationChecks(operation: HttpOperation, action: Action, tcp: boolean): Alternative<RequestContext> {
  const checks = new CheckList<RequestContext>(action);
  if (!tcp) {
    const { hosts, notHosts, methods, notMethods, paths, notPaths } = operation;
    checks.strings("request.host", hosts?.map(lowerCased), notHosts?.map(lowerCased), (at) => at.host);
    checks.strings("request.method", methods, notMethods, (at) => at.attributes.method);
    checks.add("request.path", paths, notPaths, pathTest);
  }
  const { ports, notPorts } = operation;
  checks.numbers("destination.port", ports, notPorts, (at) => at.attributes.destinationPort);
  return checks.alternative;
}

/** Namespaces; a star stands for anything wherever it is written (istiod makes a regular expression of it). */
export const addNamespaces = (checks: CheckList<RequestContext>, values: Matches, notValues: Matches): void =>
  checks.add("source.namespace", values, notValues, (match) => {
    const test = namespaceTest(match);
    return (at) => test(at.parts?.namespace);
  });

function namespaceTest(match: StringMatch): (namespace: string | undefined) => boolean {
  if (match.kind === "presence" || !match.value.includes("*")) {
    return stringTest(match);
  }
  const [first = "", ...pieces] = writtenForm(match).split("*");
  const last = pieces.pop() ?? "";
  return (namespace) => namespace !== undefined && holdsInOrder(namespace, first, pieces, last);
}

/** Whether the text begins with `first`, ends with `last` and has the pieces between them, in time linear in its length. */
function holdsInOrder(text: string, first: string, pieces: readonly string[], last: string): boolean {
  const end = text.length - last.length;
  let at = first.length;
  if (end < at || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) {
      return false;
    }
    at = found + piece.length;
  }
  return true;
}

/** A path matcher; a template that Envoy would refuse gives the stricter answer. */
function pathTest(match: StringMatch, stricter: boolean): (at: RequestContext) => boolean {
  if (match.kind === "exact" && isPathTemplate(match.value)) {
    const template = parsePathTemplate(match.value);
    return template === undefined ? () => stricter : (at) => template.matches(at.attributes.path, stricter);
  }
  const test = stringTest(match);
  return (at) => test(at.attributes.path);
}
