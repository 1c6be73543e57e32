import type { TryRequest } from "@/server/contracts/try-it.ts";

/** Safe to paste into a POSIX shell. */
const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The same request by hand. Pure. */
export function commandLine(input: TryRequest): string {
  const curl = [
    "curl",
    "-sS",
    "-i",
    ...(input.method === "GET" ? [] : ["-X", input.method]),
    ...input.headers.flatMap(({ name, value }) => ["-H", `${name}: ${value}`]),
    ...(input.body === "" ? [] : ["--data-raw", input.body]),
    input.url,
  ];
  const { source } = input;
  const words =
    source.kind === "outside"
      ? curl
      : ["kubectl", "exec", "-n", source.namespace, `deploy/${source.workload}`, "--", ...curl];
  return words.map(quote).join(" ");
}
