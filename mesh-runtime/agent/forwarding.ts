import { chunkedBody, endToEnd, Fields, type Framing, type RequestHead, untilClose } from "../http1/index.ts";

/** The end-to-end fields of a request, without anything meant for a proxy; an upgrade other than h2c goes along. */
export function forwardedRequest(head: RequestHead): {
  readonly fields: Fields;
  readonly connection: string | undefined;
} {
  const fields = withoutProxyFields(endToEnd(head.fields, head.connection));
  if (head.upgrade === undefined || head.upgrade.toLowerCase().includes("h2c")) {
    return { fields, connection: undefined };
  }
  fields.add("upgrade", head.upgrade);
  return { fields, connection: "upgrade" };
}

/** `Proxy-*` is for us, and `Proxy` would become `HTTP_PROXY` in CGI programs. */
function withoutProxyFields(fields: Fields): Fields {
  const { list } = fields;
  const isForProxy = (name: string): boolean => /^proxy(-|$)/i.test(name);
  if (!list.some((name, index) => index % 2 === 0 && isForProxy(name))) {
    return fields;
  }
  return new Fields(list.filter((_, index) => !isForProxy(list[index - (index % 2)] ?? "")));
}

/** `Keep-Alive: timeout=5` in milliseconds, less a second for the way. */
export function idleMsOf(value: string | undefined): number | undefined {
  const seconds = value === undefined ? undefined : /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,\s])/.exec(value)?.[1];
  return seconds === undefined ? undefined : Math.max(0, Number(seconds) - 1) * 1000;
}

/** A body that ends with the connection is chunked for a client that understands it, and the other way round. */
export function framingFor(clientMinorVersion: 0 | 1, framing: Framing): Framing {
  if (framing.kind === "close") {
    return clientMinorVersion === 1 ? chunkedBody : untilClose;
  }
  return framing.kind === "chunked" && clientMinorVersion === 0 ? untilClose : framing;
}
