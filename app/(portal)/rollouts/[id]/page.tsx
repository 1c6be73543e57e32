import type { Metadata } from "next";
import { RolloutView } from "@/components/rollouts/detail/rollout-view.tsx";

export const metadata: Metadata = { title: "Release" };

interface RolloutPageProps {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function RolloutPage({ params }: RolloutPageProps) {
  const { id } = await params;
  return <RolloutView key={id} id={id} />;
}
