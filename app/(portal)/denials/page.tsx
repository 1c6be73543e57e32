import type { Metadata } from "next";
import { DenialsView } from "@/components/denials/denials-view.tsx";

export const metadata: Metadata = { title: "Why was it denied" };

export default function DenialsPage() {
  return <DenialsView />;
}
