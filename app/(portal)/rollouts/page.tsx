import type { Metadata } from "next";
import { RolloutsView } from "@/components/rollouts/list/rollouts-view.tsx";

export const metadata: Metadata = { title: "Rollouts" };

export default function RolloutsPage() {
  return <RolloutsView />;
}
