import type { Metadata } from "next";
import { MeshView } from "@/components/mesh/mesh-view.tsx";

export const metadata: Metadata = { title: "Mesh" };

export default function MeshPage() {
  return <MeshView />;
}
