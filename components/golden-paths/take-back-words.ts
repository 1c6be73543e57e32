import type { InForce } from "@/server/contracts/golden-paths.ts";

/** What taking a rule in force away is called, where it is more than that: what keeps a service closed opens it. Pure. */
export const takeBackWords = ({ key }: Pick<InForce, "key">, otherwise: string): string =>
  key.startsWith("keep-closed/") ? "Open to everybody" : otherwise;
