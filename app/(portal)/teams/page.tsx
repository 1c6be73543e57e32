import type { Metadata } from "next";
import { TeamsView } from "@/components/teams/teams-view.tsx";

export const metadata: Metadata = { title: "Teams and access" };

export default function TeamsPage() {
  return <TeamsView />;
}
