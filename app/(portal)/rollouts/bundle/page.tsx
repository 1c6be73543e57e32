import type { Metadata } from "next";
import { NewBundleView } from "@/components/rollouts/bundle/new-bundle-view.tsx";

export const metadata: Metadata = { title: "Release several services together" };

export default function NewBundlePage() {
  return <NewBundleView />;
}
