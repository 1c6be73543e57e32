const forbidden: ReadonlySet<string> = new Set(
  "transfer-encoding content-length host connection te trailer upgrade authorization cookie expect".split(" "),
);

/** Fields that must not come in trailers: they would change framing, routing or what was already judged. */
export const isForbiddenTrailer = (lowerName: string): boolean => forbidden.has(lowerName);
