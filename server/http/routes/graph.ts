import * as z from "zod";
import { graphQuery, traceQuery, windowSeconds } from "@/server/contracts/traffic.ts";
import { eventStream } from "@/server/http/event-stream.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";
import { edgeDetailsOf } from "@/server/traffic/edge-details.ts";
import { nodeDetailsOf } from "@/server/traffic/node-details.ts";
import { timelineOf } from "@/server/traffic/timeline.ts";
import { traceOf } from "@/server/traffic/traces.ts";

const frameMs = 1_000;
const nodeId = z.string().min(1).max(512);
const window = windowSeconds.default(60);
const end = z.coerce.number().int().positive().optional();

export const graphRoutes: readonly Route[] = [
  route("GET", "/api/v1/graph", everyRole, {
    query: graphQuery,
    handle: ({ portal, query }) => portal.traffic.graph(query.window, query.end),
  }),

  route("GET", "/api/v1/graph/stream", everyRole, {
    query: z.strictObject({ window }),
    handle: ({ portal, query, request }) =>
      eventStream(request, ({ send, signal, end: close }) => {
        const frame = (): void => {
          portal.traffic.graph(query.window).then(
            (graph) => send("graph", graph),
            () => close(),
          );
        };
        frame();
        const timer = setInterval(frame, frameMs);
        signal.addEventListener("abort", () => clearInterval(timer), { once: true });
      }),
  }),

  route("GET", "/api/v1/graph/timeline", everyRole, { handle: ({ portal }) => timelineOf(portal) }),

  route("GET", "/api/v1/graph/edge", everyRole, {
    query: z.strictObject({ from: nodeId, to: nodeId, window, end }),
    handle: ({ portal, query }) => edgeDetailsOf(portal, query.from, query.to, query.window, query.end),
  }),

  route("GET", "/api/v1/graph/node", everyRole, {
    query: z.strictObject({ id: nodeId, window, end }),
    handle: ({ portal, query }) => nodeDetailsOf(portal, query.id, query.window, query.end),
  }),

  route("GET", "/api/v1/traces", everyRole, {
    query: traceQuery,
    handle: async ({ portal, query }) => traceOf(portal, query.id),
  }),
];
