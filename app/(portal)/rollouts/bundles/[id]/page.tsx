import type { Metadata } from "next";
import { BundleView } from "@/components/rollouts/bundle/bundle-view.tsx";

export const metadata: Metadata = { title: "Bundle" };

interface BundlePageProps {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function BundlePage({ params }: BundlePageProps) {
  const { id } = await params;
  return <BundleView key={id} id={id} />;
}
