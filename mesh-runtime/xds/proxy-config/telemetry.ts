/** What a proxy tells of its requests ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  TelemetrySchema,
  AccessLog as WireAccessLog,
  Telemetry as WireTelemetry,
  Tracing as WireTracing,
} from "../gen/proxy-config_pb.js";
import type { L7AccessLog, L7Telemetry } from "../proxy-config.ts";
import { MalformedResource } from "../resource-type.ts";
import { entriesMax, filledText, fraction, list, required } from "./limits.ts";

/** The proxy's telemetry. */
export const telemetryToWire = (value: L7Telemetry): MessageInitShape<typeof TelemetrySchema> => ({
  accessLog: { ...value.accessLog },
  tracing: { ...value.tracing },
  byService: value.byService.map(({ service, accessLog, tracing }) => ({
    service,
    accessLog: { ...accessLog },
    tracing: { ...tracing },
  })),
});

/** And back; throws `MalformedResource`. */
export const telemetryFromWire = (wire: WireTelemetry): L7Telemetry => ({
  accessLog: accessLogFromWire(wire.accessLog),
  tracing: tracingFromWire(wire.tracing),
  byService: list(
    wire.byService,
    "telemetry",
    ({ service, accessLog, tracing }) => ({
      service: filledText(service, "telemetry service"),
      accessLog: accessLogFromWire(accessLog),
      tracing: tracingFromWire(tracing),
    }),
    entriesMax,
  ),
});

function accessLogFromWire(wire: WireAccessLog | undefined): L7AccessLog {
  const { enabled, minStatus } = required(wire, "access log");
  if (minStatus > 599) {
    throw new MalformedResource(`access log: ${minStatus} is no status`);
  }
  return { enabled, minStatus };
}

function tracingFromWire(wire: WireTracing | undefined): L7Telemetry["tracing"] {
  const { enabled, sampling } = required(wire, "tracing");
  return { enabled, sampling: fraction(sampling, "sampling") };
}
