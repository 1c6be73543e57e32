/** What istiod's webhook says of a rule that answers by itself or changes the request, and of what excludes what. */
import type { DirectResponse, HttpRedirect, HttpRewrite, VirtualServiceHttpRule } from "./http-rule.ts";
import { portProblem } from "./names.ts";
import { regexProblem } from "./regex.ts";
import type { Report } from "./report.ts";

const kb = 1024;

/** Actions that cannot stand in one rule. */
export function conflicts(rule: VirtualServiceHttpRule, isDelegate: boolean): string[] {
  const routed = (rule.route?.length ?? 0) > 0;
  const found: string[] = [];
  if (rule.delegate !== undefined && !isDelegate) {
    const named = `root HTTP route ${rule.name ?? ""} must not specify`;
    return [...(rule.redirect ? [`${named} redirect`] : []), ...(routed ? [`${named} route`] : [])];
  }
  if (rule.delegate !== undefined) {
    found.push("delegate HTTP route cannot contain delegate");
  }
  const action = rule.redirect ? "redirect" : rule.directResponse ? "direct_response" : undefined;
  if (action !== undefined) {
    const cannot = (part: string, what: string) => `HTTP route ${part}cannot contain both ${what} and ${action}`;
    found.push(...(routed ? [cannot("", "route")] : []));
    found.push(...(rule.fault ? [cannot("", "fault")] : []));
    found.push(...(rule.rewrite ? [cannot("rule ", "rewrite")] : []));
    found.push(...(rule.redirect && rule.directResponse ? [cannot("rule ", "direct_response")] : []));
  } else if (!routed) {
    found.push("HTTP route, redirect or direct_response is required");
  }
  if (rule.mirror !== undefined && (rule.mirrors?.length ?? 0) > 0) {
    found.push("HTTP route cannot contain both mirror and mirrors");
  }
  return found;
}

export function admitRedirect(redirect: HttpRedirect | undefined, report: Report): void {
  if (redirect !== undefined) {
    report.refuse(redirectProblem(redirect));
  }
}

function redirectProblem({ uri, authority, port, derivePort, redirectCode = 0, scheme }: HttpRedirect) {
  if (!uri && !authority && !scheme && port === undefined && derivePort === undefined) {
    return "redirect must specify URI, authority, scheme, or port";
  }
  if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399)) {
    return `${redirectCode} is not a valid redirect code, must be 3xx`;
  }
  if (scheme && scheme !== "http" && scheme !== "https") {
    return 'invalid redirect scheme, must be "http" or "https"';
  }
  return port ? portProblem(port) : undefined;
}

/** Istio takes 600, whatever its text says. */
export function statusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

export function admitDirectResponse(response: DirectResponse | undefined, report: Report): void {
  if (response === undefined) {
    return;
  }
  const { body } = response;
  const size = body?.bytes === undefined ? utf8Length(body?.string ?? "") : Math.floor((body.bytes.length / 4) * 3);
  if (size > kb * kb) {
    report.refuse("large direct_responses may impact control plane performance, must be less than 1MB");
  } else if (size > 100 * kb) {
    report.warn("large direct_responses may impact control plane performance");
  }
  report.refuse(statusProblem(response.status));
}

const utf8Length = (text: string) => new TextEncoder().encode(text).length;

export function admitRewrite(rewrite: HttpRewrite | undefined, report: Report): void {
  if (rewrite !== undefined) {
    report.refuse(rewriteProblem(rewrite));
  }
}

function rewriteProblem({ uri, authority, uriRegexRewrite: regex }: HttpRewrite): string | undefined {
  if (uri && regex !== undefined) {
    return "rewrite may only contain one of URI or UriRegexRewrite";
  }
  if (!uri && !authority && regex === undefined) {
    return "rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified";
  }
  if (regex === undefined) {
    return undefined;
  }
  const problem =
    regex.match && regex.rewrite
      ? regexProblem(regex.match, "HTTPRewrite.UriRegexRewrite.Match")
      : "UriRegexRewrite requires both Rewrite and Match fields to be specified";
  return problem === undefined ? undefined : `UriRegexRewrite has errors\n${problem}`;
}
