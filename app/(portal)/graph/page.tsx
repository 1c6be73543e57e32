import type { Metadata } from "next";
import { TrafficGraphView } from "@/components/traffic-graph/traffic-graph-view.tsx";

export const metadata: Metadata = { title: "Traffic graph" };

export default function GraphPage() {
  return <TrafficGraphView />;
}
