import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { pathTexts } from "@/components/golden-paths/path-texts.ts";
import { PathView } from "@/components/golden-paths/path-view.tsx";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";

interface PathPageProps {
  readonly params: Promise<{ readonly slug: string }>;
}

export async function generateMetadata({ params }: PathPageProps): Promise<Metadata> {
  const slug = pathSlug.safeParse((await params).slug);
  return { title: slug.success ? pathTexts[slug.data].title : "Golden paths" };
}

export default async function PathPage({ params }: PathPageProps) {
  const slug = pathSlug.safeParse((await params).slug);
  if (!slug.success) {
    notFound();
  }
  return <PathView key={slug.data} slug={slug.data} />;
}
