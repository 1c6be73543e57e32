import { CircleAlert, LockOpen, ShieldAlert, ShieldCheck, Signpost } from "lucide-react";
import type { Overview } from "@/server/contracts/overview.ts";
import { prefilledHref } from "../query/prefilled-href.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Section } from "../ui/page.tsx";

const icons = {
  "not-enrolled": LockOpen,
  "plain-text-callers": LockOpen,
  "no-authorization": ShieldAlert,
  "mtls-not-required": LockOpen,
  "not-ready": CircleAlert,
  "waypoint-refused": Signpost,
  "waypoint-open": Signpost,
  "layer7-unenforced": ShieldAlert,
} as const;

const urgentKinds: ReadonlySet<Overview["gaps"][number]["kind"]> = new Set([
  "plain-text-callers",
  "not-ready",
  "waypoint-refused",
  "layer7-unenforced",
]);

/** What is not covered yet, each with the path that covers it. */
export function Gaps({ gaps, mayChange }: { readonly gaps: Overview["gaps"]; readonly mayChange: boolean }) {
  return (
    <Section className="block" title="Not covered yet">
      {gaps.length === 0 ? (
        <p className="row sm t2">
          <ShieldCheck className="ic ic-14 c-ok" aria-hidden="true" />
          Everything is in the mesh, and every service says who may call it.
        </p>
      ) : (
        <ul className="gaps">
          {gaps.map((gap) => {
            const Icon = icons[gap.kind];
            const urgent = urgentKinds.has(gap.kind);
            return (
              <li key={`${gap.kind} ${gap.namespace} ${gap.service}`}>
                <span className={urgent ? "c-warn" : "t3"}>
                  <Icon className="ic ic-14" aria-hidden="true" />
                </span>
                <span>{gap.text}</span>
                {gap.kind.startsWith("waypoint") || gap.kind === "layer7-unenforced" ? (
                  <AppLink className="link xs" href={`/services/${gap.namespace}/${gap.service}?tab=access`}>
                    What to do
                  </AppLink>
                ) : null}
                {gap.path && mayChange && (
                  <AppLink className="link xs" href={prefilledHref(gap.path)}>
                    {gap.path.title}
                  </AppLink>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
