import { listAudit, toCsv } from "@/server/audit/audit-log.ts";
import { auditQuery } from "@/server/contracts/audit.ts";
import { ticketLeadTimeRequest } from "@/server/contracts/overview.ts";
import { everyRole, type Route, route } from "@/server/http/route.ts";
import { writeTicketLeadTime } from "@/server/settings/settings.ts";
import { teamList } from "@/server/teams/teams.ts";

const exportMax = 50_000;

export const recordRoutes: readonly Route[] = [
  route("GET", "/api/v1/teams", everyRole, { handle: ({ portal }) => teamList(portal) }),

  route("GET", "/api/v1/audit", ["platform", "auditor"], {
    query: auditQuery,
    handle: ({ portal, query }) => listAudit(portal.db, query),
  }),

  route("GET", "/api/v1/audit/export", ["platform", "auditor"], {
    async handle({ portal, person, address }) {
      const { records } = await listAudit(portal.db, { limit: exportMax });
      await portal.audit({
        actor: person,
        action: "audit-export",
        object: `${records.length} records`,
        outcome: "done",
        address,
      });
      return new Response(toCsv(records), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": 'attachment; filename="towpath-audit.csv"',
          "cache-control": "no-store",
        },
      });
    },
  }),

  route("PUT", "/api/v1/settings/ticket-lead-time", ["platform"], {
    body: ticketLeadTimeRequest,
    async handle({ portal, person, body, address }) {
      await writeTicketLeadTime(portal.db, body.ticketMs);
      await portal.audit({
        actor: person,
        action: "settings-update",
        object: "ticket-based lead time",
        outcome: "done",
        detail: body.ticketMs === null ? "forgotten" : `${body.ticketMs} ms`,
        address,
      });
      return body;
    },
  }),
];
