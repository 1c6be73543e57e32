import { Signpost, TriangleAlert } from "lucide-react";
import { Badge } from "./badge.tsx";

const words = {
  guarded: "nobody gets past it",
  open: "can be called past it",
  unknown: "",
  refused: "not bound",
} as const;

/** "Behind waypoint default/waypoint", in amber when calls can pass it by or it is not bound. */
export function WaypointBadge({ waypoint, way }: { readonly waypoint: string; readonly way: keyof typeof words }) {
  const troubled = way === "open" || way === "refused";
  return (
    <span className="row" style={{ gap: 8, flexWrap: "wrap" }} data-testid="waypoint-badge" data-way={way}>
      <Badge tone={troubled ? "warn" : "mtls"} icon={troubled ? TriangleAlert : Signpost}>
        {way === "refused" ? "Asks for" : "Behind"} waypoint {waypoint}
      </Badge>
      {words[way] !== "" && <span className={troubled ? "sm c-warn" : "sm t2"}>{words[way]}</span>}
    </span>
  );
}
