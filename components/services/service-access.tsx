"use client";

import {
  Ban,
  Check,
  Eye,
  Lock,
  LockOpen,
  type LucideIcon,
  MessageCircleQuestionMark,
  ShieldAlert,
  ShieldBan,
} from "lucide-react";
import type { AppliedPolicy, ServiceDetails } from "@/server/contracts/services.ts";
import { ServiceDrift } from "../drift/service-drift.tsx";
import { ServiceFindings } from "../findings/service-findings.tsx";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Section } from "../ui/page.tsx";
import { Note } from "../ui/states.tsx";
import { ServicePaths } from "./service-paths.tsx";
import { ServiceRouting } from "./service-routing.tsx";
import { ServiceWaypoint } from "./service-waypoint.tsx";

const effects: Record<AppliedPolicy["effect"], { tone: Tone; icon: LucideIcon; word: string }> = {
  allow: { tone: "ok", icon: Check, word: "Allow" },
  deny: { tone: "denied", icon: Ban, word: "Deny" },
  "deny-all": { tone: "denied", icon: ShieldBan, word: "Deny all" },
  audit: { tone: "info", icon: Eye, word: "Note" },
  ask: { tone: "info", icon: MessageCircleQuestionMark, word: "Ask authorizer" },
  "require-mtls": { tone: "mtls", icon: Lock, word: "Require mTLS" },
  "permit-plain-text": { tone: "warn", icon: LockOpen, word: "Permit plain text" },
};

/** Which rules apply to a service, where they are enforced, and the forms that change them. */
export function ServiceAccess({ details }: { readonly details: ServiceDetails }) {
  return (
    <>
      <ServiceWaypoint summary={details.summary} />
      <ServiceDrift namespace={details.summary.namespace} name={details.summary.name} />
      <ServiceFindings namespace={details.summary.namespace} name={details.summary.name} />
      <ServicePaths details={details} />
      <Section className="block" title="Policies that apply">
        {details.policies.length === 0 && (
          <Note tone="warn" icon={ShieldAlert}>
            <b>Anybody may call it.</b> No rule restricts who, and plain text is accepted.
          </Note>
        )}
        <ul className="stack" style={{ gap: 0 }}>
          {details.policies.map((policy) => {
            const { tone, icon, word } = effects[policy.effect];
            const { kind, namespace, name } = policy.resource;
            return (
              <li key={`${kind} ${namespace}/${name}`} className="line">
                <span className="line-mark">
                  <Badge tone={tone} icon={icon}>
                    {word}
                  </Badge>
                </span>
                <span className="grow">
                  {policy.sentence}
                  <span className="cap" style={{ display: "block" }}>
                    <span className="mono">
                      {kind} {namespace}/{name}
                    </span>{" "}
                    · {policy.scope}
                    {policy.dryRun && " · dry run, decides nothing"}
                    {!policy.managedByTowpath && " · written by hand"}
                  </span>
                </span>
                <span className={policy.enforcedBy.length === 0 ? "line-end sm c-warn" : "line-end sm t2"}>
                  {policy.enforcedBy.length === 0
                    ? "enforced by nobody"
                    : `enforced by ${policy.enforcedBy
                        .map((by) =>
                          by === "waypoint" && details.summary.waypoint
                            ? `waypoint ${details.summary.waypoint.waypoint}`
                            : by,
                        )
                        .join(", ")}`}
                  <span className="cap" style={{ display: "block" }}>
                    {policy.enforcedText}
                  </span>
                </span>
              </li>
            );
          })}
        </ul>
      </Section>
      <ServiceRouting details={details} />
    </>
  );
}
