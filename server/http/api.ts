import { PortalError } from "@/server/errors.ts";
import { createLog } from "@/server/log.ts";
import { runningPortal } from "@/server/running-portal.ts";
import { collect } from "@/server/telemetry/collector.ts";
import type { PushPart } from "@/server/telemetry/memory.ts";
import { problemResponse } from "./problem.ts";
import { answer } from "./router.ts";
import { routes } from "./routes.ts";

const starting = (): Response =>
  problemResponse(
    new PortalError("starting", "The portal is still starting. Try again in a second."),
    createLog("http"),
  );

/** Answers a request to `/api/v1`. */
export async function handleApi(request: Request): Promise<Response> {
  const portal = runningPortal();
  return portal === undefined ? starting() : answer(portal, routes, request);
}

/** Answers a proxy's push to `/v1/metrics` or `/v1/logs`. */
export async function handleTelemetry(part: PushPart, request: Request): Promise<Response> {
  const portal = runningPortal();
  if (portal === undefined) {
    return starting();
  }
  try {
    return await collect(portal, part, request);
  } catch (error) {
    return problemResponse(error, portal.log);
  }
}
