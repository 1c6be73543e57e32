const escapeLabel = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));

/** `name="value",…` of an object, escaped. */
export function labelText(labels: object): string {
  let text = "";
  for (const [name, value] of Object.entries(labels)) {
    text += `${text === "" ? "" : ","}${name}="${escapeLabel(String(value))}"`;
  }
  return text;
}

const sample = (name: string, labels: string, value: number): string =>
  labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;

interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly lines: string[];
}

/** Collects samples by metric and writes them in Prometheus' text format 0.0.4, each metric once with HELP and TYPE. */
export class PrometheusPage {
  readonly #families = new Map<string, Family>();

  /** `labels` as `labelText` makes them; empty for none. */
  counter(name: string, help: string, labels: string, value: number): void {
    this.#family(name, "counter", help).lines.push(sample(name, labels, value));
  }

  gauge(name: string, help: string, labels: string, value: number): void {
    this.#family(name, "gauge", help).lines.push(sample(name, labels, value));
  }

  /** `buckets` are counts per bucket, one more than `bounds`. */
  histogram(
    name: string,
    help: string,
    labels: string,
    { bounds, buckets, sum }: { bounds: readonly number[]; buckets: readonly number[]; sum: number },
  ): void {
    const { lines } = this.#family(name, "histogram", help);
    let cumulative = 0;
    for (const [index, bound] of bounds.entries()) {
      cumulative += buckets[index] ?? 0;
      lines.push(`${name}_bucket{${labels},le="${bound}"} ${cumulative}`);
    }
    const count = cumulative + (buckets[bounds.length] ?? 0);
    lines.push(
      `${name}_bucket{${labels},le="+Inf"} ${count}`,
      `${name}_sum{${labels}} ${sum}`,
      `${name}_count{${labels}} ${count}`,
    );
  }

  toString(): string {
    let text = "";
    for (const [name, { type, help, lines }] of this.#families) {
      text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
    }
    return text;
  }

  #family(name: string, type: Family["type"], help: string): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { type, help, lines: [] };
      this.#families.set(name, family);
    }
    return family;
  }
}
