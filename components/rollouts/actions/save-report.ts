"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { callPortal } from "../../query/fetch-json.ts";

export type ReportFormat = "markdown" | "json";

const endings: Readonly<Record<ReportFormat, string>> = { markdown: "md", json: "json" };

/**
 * Asks for the report of a release and keeps it as a file.
 *
 * @throws PortalError when the portal does not answer with one
 */
export async function saveReport(
  { id, number, service, canary }: Pick<RolloutDetails, "id" | "number" | "service" | "canary">,
  format: ReportFormat,
): Promise<void> {
  const answer = await callPortal(`${endpoints.rolloutReport(id)}?format=${format}`);
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = `release-${number}-${service.name}-${canary}.${endings[format]}`;
  link.click();
  URL.revokeObjectURL(address);
}
