import type { EdgeTypes, NodeTypes } from "@xyflow/react";
import { TrafficEdge } from "./edges/traffic-edge.tsx";
import { BoxNode } from "./nodes/box-node.tsx";
import { ClientNode } from "./nodes/client-node.tsx";
import { ServiceNode } from "./nodes/service-node.tsx";

/** Constants of the module: the canvas mounts everything anew when these change identity. */
export const nodeTypes: NodeTypes = { box: BoxNode, service: ServiceNode, client: ClientNode };
export const edgeTypes: EdgeTypes = { traffic: TrafficEdge };
