import { type TryRequest, tryRequest } from "@/server/contracts/try-it.ts";

export { tryRequestHref } from "@/server/contracts/try-request-href.ts";

/** Where "try it" opens with caller and address filled in. */
export function tryHref({
  namespace,
  workload,
  url,
}: {
  readonly namespace: string;
  readonly workload: string;
  readonly url: string;
}): string {
  return `/try-it?as=${encodeURIComponent(`${namespace}/${workload}`)}&url=${encodeURIComponent(url)}`;
}

/** The request of such an address; nothing when it was mangled on the way. */
export function tryRequestOf(text: string | null): { [K in keyof TryRequest]?: TryRequest[K] | undefined } {
  if (text === null) {
    return {};
  }
  try {
    return tryRequest.partial().safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
