import type { NodeProps } from "@xyflow/react";
import { ShieldCheck } from "lucide-react";
import { memo } from "react";
import type { BoxFlowNode } from "../to-flow.ts";

/** A namespace (or team): its name, and whether its pods are in the mesh. */
export const BoxNode = memo(function BoxNode({ data }: NodeProps<BoxFlowNode>) {
  const { title, namespace } = data.box;
  const enrolled =
    namespace && namespace.enrolment.pods > 0 && namespace.enrolment.captured === namespace.enrolment.pods;
  const part = namespace && namespace.enrolment.captured > 0 && !enrolled;
  return (
    <div className="gbox" data-testid={`box-${title}`} data-enrolled={enrolled ? "all" : part ? "part" : "none"}>
      <span className="gbox-t trunc">{title}</span>
      {enrolled && (
        <span
          className="gbox-b"
          title={`In the mesh: ${namespace.enrolment.captured} of ${namespace.enrolment.pods} pods`}
        >
          <ShieldCheck className="ic ic-12" aria-label="in the mesh" role="img" />
        </span>
      )}
      {part && (
        <span className="gbox-b">
          {namespace.enrolment.captured} of {namespace.enrolment.pods} in mesh
        </span>
      )}
    </div>
  );
});
