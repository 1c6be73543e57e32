/** Where "try it" opens with a whole request filled in: what `tryRequest` holds, or a part of it. */
export const tryRequestHref = (request: Readonly<Record<string, unknown>>): string =>
  `/try-it?request=${encodeURIComponent(JSON.stringify(request))}`;
