import type { NodeProps } from "@xyflow/react";
import { CircleQuestionMark, Globe } from "lucide-react";
import { memo } from "react";
import { classNames } from "../../ui/class-names.ts";
import type { ClientFlowNode } from "../to-flow.ts";
import { Ports } from "./ports.tsx";

/** A client beyond the gateway, or a caller without a name. */
export const ClientNode = memo(function ClientNode({ data }: NodeProps<ClientFlowNode>) {
  const { node, selected, dimmed } = data;
  const Icon = node.kind === "outside" ? Globe : CircleQuestionMark;
  return (
    <button
      type="button"
      className={classNames("gnode is-client", selected && "is-selected", dimmed && "is-dim")}
      data-testid={`node-${node.id}`}
      aria-pressed={selected}
      title={
        node.kind === "outside" ? "Clients outside, by the host they ask for" : "A caller that no pod is known for"
      }
    >
      <Ports />
      <Icon className="ic ic-14 t3" aria-hidden="true" />
      <span className="trunc">{node.name}</span>
    </button>
  );
});
