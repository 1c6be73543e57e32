import type { Metadata } from "next";
import { GalleryView } from "@/components/golden-paths/gallery-view.tsx";

export const metadata: Metadata = { title: "Golden paths" };

export default function GoldenPathsPage() {
  return <GalleryView />;
}
