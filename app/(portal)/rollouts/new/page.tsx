import type { Metadata } from "next";
import { NewReleaseView } from "@/components/rollouts/new-release-view.tsx";

export const metadata: Metadata = { title: "Release a new version gradually" };

export default function NewReleasePage() {
  return <NewReleaseView />;
}
