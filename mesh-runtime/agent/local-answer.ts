import { Fields, responseHeadText } from "../http1/index.ts";

/** An answer of the proxy itself: short text, never cached. Written as latin1. */
export function localAnswer(status: number, text: string, options: { close: boolean; head?: boolean }): string {
  const body = `${text}\n`;
  const fields = new Fields(["content-type", "text/plain", "cache-control", "no-store", "server", "towpath-agent"]);
  const head = responseHeadText({
    status,
    fields,
    framing: { kind: "length", length: body.length },
    connection: options.close ? "close" : undefined,
  });
  return options.head === true ? head : head + body;
}
