import type { NodeProps } from "@xyflow/react";
import { CirclePause, Signpost } from "lucide-react";
import { memo } from "react";
import type { GraphNode } from "@/server/contracts/traffic.ts";
import { classNames } from "../../ui/class-names.ts";
import { plural, rate, share, shareShort, textOf } from "../../ui/format.ts";
import { HealthDot } from "../../ui/health-dot.tsx";
import type { ServiceFlowNode } from "../to-flow.ts";
import { Ports } from "./ports.tsx";

function figures(node: GraphNode): string {
  if (node.rpsIn === 0 && node.rpsOut > 0) {
    return `${textOf(rate(node.rpsOut))} out`;
  }
  if (node.rpsIn === 0) {
    return "no traffic";
  }
  const perSecond = textOf(rate(node.rpsIn));
  return node.errorShare > 0 ? `${perSecond} · ${textOf(share(node.errorShare))} err` : perSecond;
}

function what(node: GraphNode): string {
  const pods =
    node.readyPods === node.pods ? plural(node.pods, "pod") : `${node.readyPods} of ${plural(node.pods, "pod")} ready`;
  const version = node.versions[0]?.version ?? "";
  if (node.kind !== "service") {
    return `${node.kind} · ${pods}`;
  }
  return version === "" || version === "unknown" ? pods : `${version} · ${pods}`;
}

const waypointTitle = ({ waypoint, waypointWay }: GraphNode): string =>
  waypointWay === "open"
    ? `Behind waypoint ${waypoint}, and can be called past it`
    : `Behind waypoint ${waypoint}${waypointWay === "guarded" ? ", nobody gets past it" : ""}`;

const ejectedTitle = ({ ejectedPods }: GraphNode): string =>
  `${plural(ejectedPods, "pod")} taken out for now, since ${ejectedPods === 1 ? "it" : "they"} failed`;

/** A service, gateway or waypoint. The whole node is one button; with several versions each shows its share. */
export const ServiceNode = memo(function ServiceNode({ data }: NodeProps<ServiceFlowNode>) {
  const { node, selected, dimmed } = data;
  const several = node.versions.length > 1;
  return (
    <button
      type="button"
      className={classNames(
        "gnode",
        node.kind === "waypoint" && "is-waypoint",
        selected && "is-selected",
        dimmed && "is-dim",
      )}
      data-testid={`node-${node.id}`}
      data-health={node.health}
      aria-pressed={selected}
      title={node.healthReason === "" ? node.name : `${node.name}: ${node.healthReason}`}
    >
      <Ports />
      <span className="gnode-t">
        <HealthDot health={node.health} />
        <span className="trunc">{node.name}</span>
        {node.waypoint !== "" && (
          <span
            className={classNames("gway", node.waypointWay === "open" && "is-open")}
            title={waypointTitle(node)}
            data-testid={`waypoint-of-${node.id}`}
            data-way={node.waypointWay}
          >
            <Signpost className="ic ic-12" role="img" aria-label={waypointTitle(node)} />
          </span>
        )}
        {node.kind === "waypoint" && <Signpost className="ic ic-12 t3" aria-hidden="true" />}
      </span>
      {node.ejectedPods > 0 && (
        <span className="gout" data-testid={`ejected-${node.id}`} title={ejectedTitle(node)}>
          <CirclePause className="ic ic-12" role="img" aria-label={ejectedTitle(node)} />
          <span className="tn">{node.ejectedPods}</span>
        </span>
      )}
      {several ? (
        <span className="gvers">
          {node.versions.map((version, index) => (
            <span key={version.version} className="gver">
              <span className="row">
                <span className={index === 0 ? "ver" : "ver is-canary"}>{version.version}</span>
                <span className="tn">{version.share === null ? "" : shareShort(version.share)}</span>
                <span className="tn right t2">{textOf(rate(version.rps))}</span>
              </span>
              <span className="gbar">
                <i
                  className={index === 0 ? "is-stable" : "is-canary"}
                  style={{ width: `${Math.round((version.share ?? 0) * 100)}%` }}
                />
              </span>
            </span>
          ))}
        </span>
      ) : (
        <>
          <span className="gnode-v tn">{figures(node)}</span>
          <span className="gnode-s">{what(node)}</span>
        </>
      )}
    </button>
  );
});
