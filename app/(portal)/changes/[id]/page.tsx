import type { Metadata } from "next";
import { ChangeView } from "@/components/changes/change-view.tsx";

export const metadata: Metadata = { title: "Change" };

interface ChangePageProps {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function ChangePage({ params }: ChangePageProps) {
  const { id } = await params;
  return <ChangeView key={id} id={id} />;
}
