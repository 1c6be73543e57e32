import type { Metadata } from "next";
import { TryItView } from "@/components/try-it/try-it-view.tsx";

export const metadata: Metadata = { title: "Try it" };

export default function TryItPage() {
  return <TryItView />;
}
