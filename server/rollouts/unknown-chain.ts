import type { ChainPort } from "./ports.ts";

/** Where no request can be sent from outside to see how far a header gets: says so. */
export const unknownChain: ChainPort = {
  check: async () => ({
    state: "unknown",
    checkedUnixMs: Date.now(),
    hops: [],
    sentence: "Whether the services in between pass the header on could not be looked at here.",
  }),
  reach: () => [],
};
