import { CircleCheck, CircleQuestionMark, Hourglass, type LucideIcon, TriangleAlert } from "lucide-react";
import type { AppliedRouting, ServiceDetails } from "@/server/contracts/services.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Section } from "../ui/page.tsx";

const states: Record<AppliedRouting["state"], { tone: Tone; icon: LucideIcon; word: string }> = {
  "in-force": { tone: "ok", icon: CircleCheck, word: "In force" },
  "not-in-force": { tone: "warn", icon: TriangleAlert, word: "Not as written" },
  pending: { tone: "info", icon: Hourglass, word: "On its way" },
  unknown: { tone: "none", icon: CircleQuestionMark, word: "Not said" },
};

/** Routes, retries, limits and tokens that act on a service, and whether they do what they say. */
export function ServiceRouting({ details }: { readonly details: ServiceDetails }) {
  const { routing, summary } = details;
  return (
    <Section className="block" title="Routing and resilience">
      {routing.length === 0 ? (
        <p className="cap">
          No route, limit or token rule acts on {summary.name}. Requests go to any ready pod, and a request that found
          no connection is tried again.
        </p>
      ) : (
        <ul className="stack" style={{ gap: 0 }} data-testid="routing">
          {routing.map((entry) => {
            const { tone, icon, word } = states[entry.state];
            const { kind, namespace, name } = entry.resource;
            return (
              <li key={`${kind} ${namespace}/${name}`} className="line" data-state={entry.state}>
                <span className="line-mark">
                  <Badge tone={tone} icon={icon}>
                    {word}
                  </Badge>
                </span>
                <span className="grow">
                  {entry.sentence}
                  <span className="cap" style={{ display: "block" }}>
                    <span className="mono">
                      {kind} {namespace}/{name}
                    </span>
                    {entry.role === "leads-here" && " · leads here from elsewhere"}
                    {!entry.managedByTowpath && " · written by hand"}
                  </span>
                  {entry.notes.map(({ type, good, reason, message }) => (
                    <span
                      key={`${type} ${reason} ${message}`}
                      className={good ? "cap" : "sm c-warn"}
                      style={{ display: "block", overflowWrap: "anywhere" }}
                    >
                      {!good && <b className="med">{reason}</b>} {message}
                    </span>
                  ))}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
