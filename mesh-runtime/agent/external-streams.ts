import type { Duplex } from "node:stream";
import { abort } from "../hbone/splice.ts";
import type { LocalPod } from "./local-pod.ts";

/** Who called what outside of the mesh. */
export interface ExternalCall {
  readonly pod: LocalPod;
  readonly host: string;
  readonly port: number;
}

/** Open connections straight to the outside, so that they can be cut when they may not be any more. */
export class ExternalStreams {
  readonly #open = new Map<Duplex, ExternalCall>();

  add(stream: Duplex, call: ExternalCall): void {
    this.#open.set(stream, call);
    stream.once("close", () => this.#open.delete(stream));
  }

  cutWhere(forbidden: (call: ExternalCall) => boolean): void {
    for (const [stream, call] of this.#open) {
      if (forbidden(call)) {
        abort(stream);
      }
    }
  }
}
