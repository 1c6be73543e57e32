/** Path patterns of access rules: `/a`, `/a*`, `*z`, and templates. Pure. */
import { isPathTemplate, parsePathTemplate } from "@/mesh-runtime/policy/path-template.ts";

export function matchesPath(pattern: string, path: string): boolean {
  if (isPathTemplate(pattern)) {
    return parsePathTemplate(pattern)?.matches(path, true) === true;
  }
  if (pattern.endsWith("*")) {
    return path.startsWith(pattern.slice(0, -1));
  }
  return pattern.startsWith("*") ? path.endsWith(pattern.slice(1)) : pattern === path;
}

/** Every path of `narrow` is one of `wide`, as far as the patterns tell. */
export function coversPath(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === "*") {
    return true;
  }
  if (isPathTemplate(narrow)) {
    const head = narrow.slice(0, narrow.indexOf("{"));
    return !isPathTemplate(wide) && wide.endsWith("*") && head.startsWith(wide.slice(0, -1));
  }
  if (narrow.endsWith("*")) {
    return wide.endsWith("*") && !isPathTemplate(wide) && narrow.startsWith(wide.slice(0, -1));
  }
  if (narrow.startsWith("*")) {
    return wide.startsWith("*") && narrow.endsWith(wide.slice(1));
  }
  return matchesPath(wide, narrow);
}

/** A path that the pattern matches. */
export function pathLike(pattern: string): string {
  if (isPathTemplate(pattern)) {
    return pattern.replaceAll("{**}", "1").replaceAll("{*}", "1");
  }
  if (pattern.endsWith("*")) {
    return pattern.slice(0, -1) || "/";
  }
  if (pattern.startsWith("*")) {
    const end = pattern.slice(1);
    return end.startsWith("/") ? end : `/1${end}`;
  }
  return pattern;
}

/**
 * Why no request can have such a path: what arrives is normalized before it is compared, and templates have a form. Empty
 * when some request can.
 */
export function neverMatches(pattern: string): string {
  if (/[{}]/.test(pattern) && (!isPathTemplate(pattern) || parsePathTemplate(pattern) === undefined)) {
    return "in a template, {*} stands for one whole segment and {**} for the rest";
  }
  if (/\/\.{1,2}(\/|$)/.test(pattern)) {
    return "paths are compared after . and .. are resolved";
  }
  return pattern.includes("\\") ? "paths are compared after \\ became /" : "";
}
