import { Handle, Position } from "@xyflow/react";

/** React Flow wants an end for every edge; ours are drawn from the layout, so these are not seen. */
export function Ports() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className="port" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="port" />
    </>
  );
}
