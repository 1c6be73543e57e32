import { changesQuery, decisionRequest, undoRequest, withdrawRequest } from "@/server/contracts/changes.ts";
import { eventStream } from "@/server/http/event-stream.ts";
import { everyRole, proposers, type Route, route } from "@/server/http/route.ts";
import { json } from "@/server/http/router.ts";

/** A change that another portal process applies is seen by asking the database. */
const askAgainMs = 1_000;

export const changeRoutes: readonly Route[] = [
  route("GET", "/api/v1/changes", everyRole, {
    query: changesQuery,
    handle: ({ portal, person, query }) => portal.changes.list(query, person),
  }),

  route("GET", "/api/v1/changes/:id", everyRole, {
    handle: ({ portal, person, params }) => portal.changes.details(params["id"] ?? "", person),
  }),

  route("GET", "/api/v1/changes/:id/stream", everyRole, {
    async handle({ portal, person, params, request }) {
      const id = params["id"] ?? "";
      // A wrong id is answered as a problem, not as a stream.
      await portal.changes.details(id, person);
      return eventStream(request, ({ send, end, signal }) => {
        let shown = "";
        let asking = false;
        const frame = async (): Promise<void> => {
          if (asking) {
            return;
          }
          asking = true;
          try {
            const details = await portal.changes.details(id, person);
            const moving = await portal.changes.isMoving(id);
            const decided = details.approvals.map(({ state }) => state).join();
            const version = `${details.state} ${details.events.length} ${details.receipt?.enforced ?? ""} ${decided} ${moving}`;
            if (version !== shown) {
              shown = version;
              send("change", details);
            }
            // Requests for proof are sent after the end, and told here too.
            if (!moving) {
              end();
            }
          } finally {
            asking = false;
          }
        };
        const show = (): void => {
          frame().catch(() => end());
        };
        const unsubscribe = portal.changes.notifier.subscribe(id, show);
        const timer = setInterval(show, askAgainMs);
        signal.addEventListener(
          "abort",
          () => {
            unsubscribe();
            clearInterval(timer);
          },
          { once: true },
        );
        show();
      });
    },
  }),

  route("POST", "/api/v1/changes/:id/approve", proposers, {
    body: decisionRequest,
    async handle({ portal, person, params, body, address }) {
      return json(await portal.changes.approve(params["id"] ?? "", body, { person, address }), { status: 202 });
    },
  }),

  route("POST", "/api/v1/changes/:id/reject", proposers, {
    body: decisionRequest,
    async handle({ portal, person, params, body, address }) {
      return json(await portal.changes.reject(params["id"] ?? "", body, { person, address }), { status: 202 });
    },
  }),

  route("POST", "/api/v1/changes/:id/withdraw", proposers, {
    body: withdrawRequest,
    handle: ({ portal, person, params, body, address }) =>
      portal.changes.withdraw(params["id"] ?? "", body, { person, address }),
  }),

  route("POST", "/api/v1/changes/:id/undo", proposers, {
    body: undoRequest,
    async handle({ portal, person, params, body, address }) {
      return json(await portal.changes.undo(params["id"] ?? "", body, { person, address }), { status: 202 });
    },
  }),
];
