import { TriangleAlert } from "lucide-react";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import { AppLink } from "../ui/app-link.tsx";
import { plural } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";
import { Note } from "../ui/states.tsx";
import { WaypointBadge } from "../ui/waypoint-badge.tsx";

/** Whether a waypoint judges the service's requests, whether anybody gets past it, and what to do about it. */
export function ServiceWaypoint({ summary }: { readonly summary: ServiceDetails["summary"] }) {
  const { waypoint, layer7Unenforced, name, namespace } = summary;
  if (waypoint === null) {
    return layer7Unenforced ? (
      <Section className="block" title="Waypoint">
        <Note tone="warn" icon={TriangleAlert}>
          <b>Rules about requests are not judged as written.</b> A policy for {name} names methods, paths or headers,
          and only a waypoint knows those. Give namespace {namespace} a Gateway of class istio-waypoint, and label the
          namespace or the service with istio.io/use-waypoint.
        </Note>
      </Section>
    ) : null;
  }
  const { pods, readyPods, text, way } = waypoint;
  return (
    <Section className="block" title="Waypoint">
      <div className="row spread" style={{ flexWrap: "wrap" }}>
        <WaypointBadge waypoint={waypoint.waypoint} way={way} />
        <span className={readyPods === 0 ? "sm c-warn" : "sm t2"}>
          {way !== "refused" && (pods === 0 ? "no pods" : `${readyPods} of ${plural(pods, "pod")} ready`)}{" "}
          <AppLink className="link" href="/mesh">
            In the mesh
          </AppLink>
        </span>
      </div>
      {text !== "" && (
        <div style={{ marginTop: 8 }} data-testid="waypoint-warning">
          <Note tone="warn" icon={TriangleAlert}>
            <b>{titles[way]}</b> {sentenceOf(text)}
          </Note>
        </div>
      )}
    </Section>
  );
}

const titles = {
  open: "Calls can pass the waypoint by.",
  refused: "The waypoint does not serve it.",
  guarded: "The waypoint's own calls are refused.",
  unknown: "",
} as const;

const sentenceOf = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
