import type { L7PathEdit } from "../../../xds/proxy-config.ts";
import { compileReplace } from "../routes/regex-replace.ts";

/** New path for a path (both without query). `prefix` is what the route's match covered; `undefined`: all of it. */
export type PathEdit = (path: string, prefix: string | undefined) => string;

/** What may stand in a request target. */
const targetText = /^[\x21-\x7e]*$/;

/** Compiles a path edit; `undefined` when it cannot be used. */
export function compilePathEdit(edit: L7PathEdit): PathEdit | undefined {
  switch (edit.kind) {
    case "full": {
      const path = rooted(edit.path);
      return targetText.test(path) ? () => path : undefined;
    }
    case "prefix":
      return targetText.test(edit.path) ? (path, prefix) => replacePrefix(path, prefix, edit.path) : undefined;
    case "regex": {
      const replace = targetText.test(edit.substitution) ? compileReplace(edit.pattern, edit.substitution) : undefined;
      return replace && ((path) => rooted(replace(path)));
    }
  }
}

/**
 * Gateway API, HTTPPathModifier: `/foo` replaced by `/xyz` or `/xyz/` makes `/foo/bar` to `/xyz/bar`; what is left empty
 * is `/`. A prefix by characters (VirtualService) is replaced as it is.
 */
function replacePrefix(path: string, prefix: string | undefined, replacement: string): string {
  const rest = prefix === undefined ? "" : path.slice(prefix.length);
  const slashes = rest.startsWith("/") && replacement.endsWith("/");
  return rooted(slashes ? replacement + rest.slice(1) : replacement + rest);
}

const rooted = (path: string): string => (path.startsWith("/") ? path : `/${path}`);
