import { handleTelemetry } from "@/server/http/api.ts";

export const dynamic = "force-dynamic";

/** OTLP/HTTP: `/v1/metrics`, `/v1/logs` and `/v1/traces`. */
export async function POST(request: Request, { params }: { params: Promise<{ signal: string }> }): Promise<Response> {
  const { signal } = await params;
  return signal === "metrics" || signal === "logs" || signal === "traces"
    ? handleTelemetry(signal, request)
    : new Response(null, { status: 404 });
}
