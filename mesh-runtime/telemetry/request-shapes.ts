import { pathTemplate } from "../api/path-template.ts";
import type { EdgeLabels, RequestShape } from "../api/telemetry.ts";

/** Templates of one edge; paths beyond it are counted as `{other}`. */
const templatesMax = 200;
/** Paths whose template is remembered, so that the same path is not taken apart at each request. */
const knownPathsMax = 512;
/** A path this long is not worth remembering. */
const knownPathLengthMax = 256;
const variantsMax = 64;
const other = "{other}";

interface Variant {
  readonly method: string;
  readonly destinationPort: number;
  readonly responseCode: number;
  readonly decision: "allowed" | "denied";
  count: number;
  lastUnixMs: number;
}

interface Template {
  readonly path: string;
  /** Few: a method and a status or two. */
  readonly variants: Variant[];
}

/** Counts the shapes of one edge's requests. A shape that was seen before costs two look-ups and no allocation. */
export class RequestShapes {
  readonly #byPath = new Map<string, Template>();
  readonly #templates = new Map<string, Template>();

  count(
    method: string,
    path: string,
    destinationPort: number,
    responseCode: number,
    decision: "allowed" | "denied",
    nowMs: number,
    times = 1,
  ): void {
    const { variants } = this.#byPath.get(path) ?? this.#template(path);
    for (const variant of variants) {
      if (
        variant.responseCode === responseCode &&
        variant.method === method &&
        variant.destinationPort === destinationPort &&
        variant.decision === decision
      ) {
        variant.count += times;
        variant.lastUnixMs = nowMs;
        return;
      }
    }
    if (variants.length < variantsMax || (method === other && variants.length < 2 * variantsMax)) {
      variants.push({ method, destinationPort, responseCode, decision, count: times, lastUnixMs: nowMs });
    } else if (method !== other) {
      this.count(other, path, destinationPort, responseCode, decision, nowMs, times);
    }
  }

  /** What was counted since the last call. Shapes that were idle meanwhile are forgotten. */
  take(labels: EdgeLabels): RequestShape[] {
    const shapes: RequestShape[] = [];
    for (const [key, { path, variants }] of this.#templates) {
      let used = false;
      for (const variant of variants) {
        if (variant.count > 0) {
          used = true;
          shapes.push({ labels, path, ...variant });
          variant.count = 0;
        }
      }
      if (!used) {
        this.#templates.delete(key);
      }
    }
    for (const [path, template] of this.#byPath) {
      if (this.#templates.get(template.path) !== template) {
        this.#byPath.delete(path);
      }
    }
    return shapes;
  }

  #template(path: string): Template {
    const shape = path === "" ? "" : pathTemplate(path);
    const name = this.#templates.size < templatesMax || this.#templates.has(shape) ? shape : other;
    let template = this.#templates.get(name);
    if (template === undefined) {
      template = { path: name, variants: [] };
      this.#templates.set(name, template);
    }
    if (this.#byPath.size >= knownPathsMax) {
      this.#byPath.clear();
    }
    if (path.length <= knownPathLengthMax) {
      this.#byPath.set(path, template);
    }
    return template;
  }
}
