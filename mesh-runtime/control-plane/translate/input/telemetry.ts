import { fields, type Meta, readMeta } from "./lenient.ts";
import { type AttachmentInput, readAttachment } from "./target-refs.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

/** One entry of `accessLogging` that concerns proxies as servers. */
export interface AccessLoggingInput {
  /** Empty: as the level above has it. */
  readonly providers: readonly string[];
  readonly disabled: boolean;
  /** 0: everything. */
  readonly minStatus: number;
}

/** One entry of `tracing` that concerns proxies as servers; absent fields are as the level above has them. */
export interface TracingInput {
  readonly providers: readonly string[];
  /** 0 to 1. */
  readonly sampling: number | undefined;
  readonly disabled: boolean | undefined;
}

/** What the mesh needs to know of a Telemetry. */
export interface TelemetryInput
  extends Pick<Meta, "namespace" | "name" | "generation" | "createdAtMs">,
    AttachmentInput {
  readonly accessLogging: readonly AccessLoggingInput[];
  readonly tracing: readonly TracingInput[];
  readonly unsupported: readonly string[];
}

/** Reads a Telemetry. */
export function readTelemetry(object: unknown): TelemetryInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const unsupported: string[] = [];
  const spec = readFields(fields(object)["spec"], unsupported);
  for (const name of ["targetRefs", "targetRef", "selector"]) {
    spec.raw(name);
  }
  const accessLogging = spec.objects("accessLogging").flatMap((entry) => readAccessLogging(entry) ?? []);
  const tracing = spec.objects("tracing").flatMap((entry) => readTracing(entry) ?? []);
  if (spec.objects("metrics").length > 0) {
    spec.report("metrics");
  }
  spec.rest();
  return {
    namespace,
    name,
    generation,
    createdAtMs,
    ...readAttachment(fields(fields(object)["spec"])),
    accessLogging,
    tracing,
    unsupported,
  };
}

/** Waypoints and gateways are asked as servers; an entry for clients is for nobody here. */
function concernsServers(reader: FieldReader): boolean {
  const match = reader.object("match");
  const mode = match?.text("mode", "CLIENT_AND_SERVER") ?? "CLIENT_AND_SERVER";
  match?.rest();
  if (mode === "CLIENT") {
    match?.report("mode", mode);
  }
  return mode !== "CLIENT";
}

function readProviders(reader: FieldReader): readonly string[] {
  return reader.objects("providers").map((provider) => {
    const name = provider.text("name");
    provider.rest();
    return name;
  });
}

function readAccessLogging(reader: FieldReader): AccessLoggingInput | undefined {
  const concerned = concernsServers(reader);
  const filter = reader.object("filter");
  const expression = filter?.text("expression") ?? "";
  const [, least] = /^\s*response\.code\s*>=\s*([1-5]\d\d)\s*$/.exec(expression) ?? [];
  if (expression !== "" && least === undefined) {
    filter?.report("expression", "only response.code >= N is understood; all requests are logged");
  }
  filter?.rest();
  const read = {
    providers: readProviders(reader),
    disabled: reader.flag("disabled"),
    minStatus: least === undefined ? 0 : Number(least),
  };
  reader.rest();
  return concerned ? read : undefined;
}

function readTracing(reader: FieldReader): TracingInput | undefined {
  const concerned = concernsServers(reader);
  const share = reader.raw("randomSamplingPercentage");
  const written = typeof share === "number" && share >= 0 && share <= 100 ? share / 100 : undefined;
  if (share !== undefined && share !== null && written === undefined) {
    reader.report("randomSamplingPercentage");
  }
  const read = {
    providers: readProviders(reader),
    sampling: written,
    disabled: reader.has("disableSpanReporting") ? reader.flag("disableSpanReporting") : undefined,
  };
  reader.rest();
  return concerned ? read : undefined;
}
