import { handleTelemetry } from "@/server/http/api.ts";

export const dynamic = "force-dynamic";

/** OTLP/HTTP: `/v1/metrics` and `/v1/logs`. */
export async function POST(request: Request, { params }: { params: Promise<{ signal: string }> }): Promise<Response> {
  const { signal } = await params;
  return signal === "metrics" || signal === "logs"
    ? handleTelemetry(signal, request)
    : new Response(null, { status: 404 });
}
