import { Signpost, TriangleAlert } from "lucide-react";
import { Badge } from "./badge.tsx";

const words = {
  guarded: "nobody gets past it",
  open: "can be called past it",
  unknown: "",
  refused: "not bound",
} as const;

/** "Behind waypoint default/waypoint", in amber when calls can pass it by or it is not bound. */
export function WaypointBadge({
  waypoint,
  way,
  quiet = false,
}: {
  readonly waypoint: string;
  readonly way: keyof typeof words;
  /** Without the words beside it; they are its title then. */
  readonly quiet?: boolean;
}) {
  const troubled = way === "open" || way === "refused";
  return (
    <span
      className="row"
      style={{ gap: 8, flexWrap: "wrap" }}
      data-testid="waypoint-badge"
      data-way={way}
      {...(quiet && { title: words[way] })}
    >
      <Badge tone={troubled ? "warn" : "mtls"} icon={troubled ? TriangleAlert : Signpost}>
        {way === "refused" ? "Asks for" : "Behind"} waypoint {waypoint}
      </Badge>
      {!quiet && words[way] !== "" && <span className={troubled ? "sm c-warn" : "sm t2"}>{words[way]}</span>}
    </span>
  );
}
