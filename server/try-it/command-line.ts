import type { TryRequest } from "@/server/contracts/try-it.ts";

/** Safe to paste into a POSIX shell. */
const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The same request by hand; from outside it goes to the gateway, whose routes look at the host. Pure. */
export function commandLine(input: TryRequest, gatewayUrl: string): string {
  const url = new URL(input.url);
  const outside = input.source.kind === "outside";
  const named = input.headers.some(({ name }) => name.toLowerCase() === "host");
  const host = outside && !named && url.origin !== gatewayUrl ? ["-H", `Host: ${url.host}`] : [];
  const curl = [
    "curl",
    "-sS",
    "-i",
    ...(input.method === "GET" ? [] : ["-X", input.method]),
    ...host,
    ...input.headers.flatMap(({ name, value }) => ["-H", `${name}: ${value}`]),
    ...(input.body === "" ? [] : ["--data-raw", input.body]),
    outside ? `${gatewayUrl}${url.pathname}${url.search}` : input.url,
  ];
  const { source } = input;
  const words =
    source.kind === "outside"
      ? curl
      : ["kubectl", "exec", "-n", source.namespace, `deploy/${source.workload}`, "--", ...curl];
  return words.map(quote).join(" ");
}
