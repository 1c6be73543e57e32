/** What a chart says in words: figures now or at a moment, and the difference. Pure. */
import { milliseconds, type Quantity, rate, textOf } from "../../ui/format.ts";

/** What is drawn. */
export type Drawn = "success" | "latency" | "rps";

/** A figure of a chart with its unit. */
export function figureOf(drawn: Drawn, value: number | null): Quantity {
  if (value === null) {
    return { value: "–", unit: "" };
  }
  switch (drawn) {
    case "success":
      return { value: value === 100 ? "100" : value.toFixed(2), unit: "%" };
    case "latency":
      return milliseconds(value);
    case "rps":
      return rate(value);
  }
}

/** At the end of a line: short, with a unit only where it is needed to read it. */
export function endLabel(drawn: Drawn, value: number): string {
  const figure = figureOf(drawn, value);
  return drawn === "latency" ? textOf(figure) : figure.value;
}

/** A tick of the axis. */
export const tickLabel = (value: number): string =>
  value >= 10_000 ? `${Number((value / 1000).toFixed(1))}k` : String(Number(value.toFixed(2)));

interface Difference {
  readonly title: string;
  readonly words: string;
  /** The new version is better or worse by more than noise. */
  readonly tone: "better" | "worse" | "none";
}

const signed = (value: number, text: string): string => `${value < 0 ? "−" : value > 0 ? "+" : ""}${text}`;

/** New against stable: points, milliseconds, or the share it has. */
export function differenceOf(drawn: Drawn, stable: number | null, canary: number | null): Difference {
  const title = drawn === "rps" ? "share of the new one" : "difference";
  if (stable === null || canary === null) {
    return { title, words: "–", tone: "none" };
  }
  const by = canary - stable;
  switch (drawn) {
    case "success":
      return {
        title,
        words: `${signed(Number(by.toFixed(2)), Math.abs(by).toFixed(2))}\u00a0points`,
        tone: by < -0.5 ? "worse" : "none",
      };
    case "latency":
      return {
        title,
        words: signed(Math.round(by * 100) / 100, textOf(milliseconds(Math.abs(by)))),
        tone: by > stable * 0.25 && by > 2 ? "worse" : by < -stable * 0.05 && by < -1 ? "better" : "none",
      };
    case "rps": {
      const all = stable + canary;
      return { title, words: all === 0 ? "–" : `${((canary / all) * 100).toFixed(1)}\u00a0%`, tone: "none" };
    }
  }
}
