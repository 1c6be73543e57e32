/** What istiod's webhook says of matches in a VirtualService. */
import { matchNameProblem } from "./admit-http-headers.ts";
import type { HttpMatchRequest } from "./http-match.ts";
import { fqdnProblem, isDnsLabel, labelProblems, portProblem } from "./names.ts";
import { regexProblem } from "./regex.ts";
import type { Report } from "./report.ts";
import type { StringMatch } from "./string-match.ts";

export function admitHttpMatches(matches: readonly HttpMatchRequest[], report: Report): void {
  for (const match of matches) {
    for (const [name, value] of Object.entries(match.headers ?? {})) {
      report.refuse(matchNameProblem(name));
      report.refuse(stringMatchProblem(value, "headers"));
    }
    for (const [name, value] of Object.entries(match.withoutHeaders ?? {})) {
      report.refuse(matchNameProblem(name));
      // A star alone is presence, no expression.
      report.refuse(value.regex === "*" ? undefined : stringMatchProblem(value, "withoutHeaders"));
    }
    report.refuse(match.uri?.regex === undefined ? undefined : regexProblem(match.uri.regex, "uri"));
    report.refuse(stringMatchProblem(match.scheme, "scheme"));
    report.refuse(stringMatchProblem(match.method, "method"));
    report.refuse(stringMatchProblem(match.authority, "authority"));
    for (const value of Object.values(match.queryParams ?? {})) {
      report.refuse(stringMatchProblem(value, "queryParams"));
    }
  }
  for (const match of matches) {
    admitConnectionMatch(match, report);
    if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
      report.refuse(`sourceNamespace match ${match.sourceNamespace} is invalid`);
    }
  }
}

/** The part that matches of HTTP, TLS and TCP have in common. */
export function admitConnectionMatch(
  match: Pick<HttpMatchRequest, "port" | "sourceLabels" | "gateways">,
  report: Report,
): void {
  if ((match.port ?? 0) !== 0) {
    report.refuse(portProblem(match.port ?? 0));
  }
  for (const problem of labelProblems(match.sourceLabels)) {
    report.refuseListed(problem);
  }
  admitGatewayNames(match.gateways ?? [], report);
}

export function stringMatchProblem(match: StringMatch | undefined, where: string): string | undefined {
  if (match?.prefix === "") {
    return `${JSON.stringify(where)}: prefix string match should not be empty`;
  }
  return match?.regex === undefined ? undefined : regexProblem(match.regex, where);
}

/** `<namespace>/<name>`, `<name>`, or `mesh`. */
export function admitGatewayNames(names: readonly string[], report: Report): void {
  for (const name of names) {
    const slash = name.indexOf("/");
    if (slash < 0) {
      const [first = "", second = ""] = name.split(".");
      if (name.includes(".")) {
        report.warn(
          `using legacy gatewayName format ${JSON.stringify(name)}; prefer the <namespace>/<name> format: ${JSON.stringify(`${second}/${first}`)}`,
        );
      }
      report.refuse(fqdnProblem(name));
      return;
    }
    const namespace = name.slice(0, slash);
    const gateway = name.slice(slash + 1);
    if (namespace === "" || gateway === "") {
      report.refuse("config namespace and gateway name cannot be empty");
    }
    if (!isDnsLabel(namespace)) {
      report.refuse(`invalid value for namespace: ${JSON.stringify(namespace)}`);
    }
    if (!isDnsLabel(gateway)) {
      report.refuse(`invalid value for gateway name: ${JSON.stringify(gateway)}`);
    }
  }
}
