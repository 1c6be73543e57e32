import type { DenialGroup } from "@/server/contracts/denials.ts";
import type { TryRequest } from "@/server/contracts/try-it.ts";
import type { Tally } from "./tally.ts";

/**
 * Whether a refusal may be of this run. One at the service that was called, by a proxy that knows requests, has the
 * run's method and path and a status that was answered; of those further on, and of connections, that cannot be told. Pure.
 */
export function couldBeOurs(
  { service, method, path, answer }: Pick<DenialGroup, "service" | "method" | "path" | "answer">,
  { source, url, method: sent }: Pick<TryRequest, "source" | "url" | "method">,
  tally: Pick<Tally, "saw">,
): boolean {
  const { hostname, pathname } = new URL(url);
  const [name = "", namespace = source.kind === "workload" ? source.namespace : ""] = hostname.split(".");
  if (method === "" || service.name !== name || service.namespace !== namespace) {
    return true;
  }
  // A proxy tells the path as it normalized it.
  const same = path.split("?")[0] === pathname || /[%\\]|\/\/|\.\./.test(url.replace(/^https?:\/\//, ""));
  return method === sent && same && (answer === 0 || tally.saw(answer));
}
