import type { Metadata } from "next";
import { DriftView } from "@/components/drift/drift-view.tsx";

export const metadata: Metadata = { title: "Changed by others" };

export default function DriftPage() {
  return <DriftView />;
}
