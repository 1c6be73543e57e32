import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { splice } from "../hbone/splice.ts";
import type { InboundCall } from "./inbound-call.ts";
import type { InboundGate } from "./inbound-gate.ts";
import type { InboundTelemetry } from "./inbound-telemetry.ts";

/** Joins an admitted call with the application, counts its bytes, and gives it free at its end. */
export function carry(
  call: InboundCall,
  caller: Duplex,
  application: Socket,
  { gate, telemetry }: { readonly gate: InboundGate; readonly telemetry: InboundTelemetry },
): void {
  const edge = telemetry.opened(call);
  splice(caller, application, {
    onSent: (bytes) => edge.bytes(bytes, 0),
    onReceived: (bytes) => edge.bytes(0, bytes),
    onClosed: (clean) => {
      gate.release(call);
      edge.connectionClosed(clean ? "-" : "UC");
    },
  });
}
