import type { GoldenPathList } from "@/server/contracts/golden-paths.ts";

type PathEntry = GoldenPathList["paths"][number];

/** Paths in which every word occurs: in title, summary or keywords, Istio's names among them. Pure. */
export function findPaths(paths: readonly PathEntry[], find: string): readonly PathEntry[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return paths.filter(({ title, summary, keywords }) => {
    const text = `${title} ${summary} ${keywords.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
