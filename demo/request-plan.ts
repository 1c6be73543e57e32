/** What `towpath-request` was asked to do. */
export interface RequestPlan {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string[]>>;
  readonly body: string | undefined;
  readonly count: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly json: boolean;
}

export const requestUsage =
  "usage: towpath-request --url URL [--method GET] [--header name:value]… [--body TEXT] [--count 1..10000] [--concurrency 1..64] [--timeout-ms 1..600000] [--json]";

/** Validates the flags (as `parseArgs` gives them). @throws Error that names the flag. */
export function parseRequestFlags(flags: Readonly<Record<string, unknown>>): RequestPlan {
  const known = ["method", "url", "header", "body", "count", "concurrency", "timeout-ms", "json"];
  const unknown = Object.keys(flags).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`unknown flag --${unknown}`);
  }
  const url = typeof flags["url"] === "string" && URL.canParse(flags["url"]) ? new URL(flags["url"]) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Error("--url must be an http or https URL");
  }
  const method = (text(flags, "method") ?? "GET").toUpperCase();
  if (!/^[A-Z]{1,32}$/.test(method)) {
    throw new Error("--method must be an HTTP method");
  }
  return {
    method,
    url,
    headers: headers(flags["header"]),
    body: text(flags, "body"),
    count: integer(flags, "count", 1, 10_000, 1),
    concurrency: integer(flags, "concurrency", 1, 64, 1),
    timeoutMs: integer(flags, "timeout-ms", 1, 600_000, 15_000),
    json: flags["json"] === true,
  };
}

function text(flags: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = flags[name];
  if (value === undefined || typeof value === "string") {
    return value;
  }
  throw new Error(`--${name} needs a value`);
}

function integer(flags: Readonly<Record<string, unknown>>, name: string, min: number, max: number, none: number) {
  const value = text(flags, name);
  const number = value === undefined ? none : Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
  }
  return number;
}

function headers(flag: unknown): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const line of Array.isArray(flag) ? flag : []) {
    const colon = typeof line === "string" ? line.indexOf(":") : -1;
    const name = String(line).slice(0, colon).trim().toLowerCase();
    const value = String(line)
      .slice(colon + 1)
      .trim();
    if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\r\n\0]/.test(value)) {
      throw new Error(`--header must be name:value, got ${JSON.stringify(line)}`);
    }
    result[name] = [...(result[name] ?? []), value];
  }
  return result;
}
