import type { GraphEdge } from "@/server/contracts/traffic.ts";
import { bytes, milliseconds, rate, share, textOf } from "../ui/format.ts";

/** What the words on edges show. */
export type EdgeMetric = "rate" | "errors" | "latency" | "throughput" | "none";

/** Errors above this share turn an edge red. */
export const errorShareLimit = 0.01;

export type EdgeTone = "plain" | "error" | "denied" | "copies" | "idle";

/** How an edge is drawn. Colour is never alone: dashes, glyphs and words go with it. */
export interface EdgeLook {
  readonly tone: EdgeTone;
  /** 1 to 5, by rate on a log scale. */
  readonly width: 1 | 2 | 3 | 4 | 5;
  /** Seconds for a dot to go one gap; null without traffic. */
  readonly dotSeconds: number | null;
  /** 1: closed. Between: open, with the share. Null: no glyph. */
  readonly lock: number | null;
  readonly refused: "all" | "some" | "none";
  readonly primary: string;
  readonly secondary: string;
}

function widthOf(perSecond: number): EdgeLook["width"] {
  if (perSecond < 1) {
    return 1;
  }
  if (perSecond < 10) {
    return 2;
  }
  if (perSecond < 100) {
    return 3;
  }
  return perSecond < 1000 ? 4 : 5;
}

/** Faster with the rate, slowly: ten times the rate halves the time. */
function dotSecondsOf(perSecond: number): number | null {
  if (perSecond <= 0) {
    return null;
  }
  const seconds = 3 / 2 ** Math.log10(Math.max(perSecond, 0.1) * 10);
  // Multiples of half a second: dots that start together move in the same frames.
  return Math.round(Math.min(4, Math.max(0.5, seconds)) * 2) / 2;
}

const unitOf = (edge: GraphEdge) => (edge.unit === "connections" ? "conn/s" : "rps");

function words(edge: GraphEdge, metric: EdgeMetric): [string, string] {
  const perSecond = textOf(rate(edge.rps, unitOf(edge)));
  const p95 = edge.p95Ms === null ? "" : `p95 ${textOf(milliseconds(edge.p95Ms))}`;
  switch (metric) {
    case "rate":
      return [perSecond, p95];
    case "errors":
      return [`${textOf(share(edge.errorShare))} errors`, perSecond];
    case "latency":
      return [p95 === "" ? "no latency" : p95, perSecond];
    case "throughput":
      return [`${textOf(bytes(edge.bytesPerSecond))}/s`, perSecond];
    case "none":
      return ["", ""];
  }
}

/** How an edge looks, from its figures. Pure. */
export function edgeLook(edge: GraphEdge, metric: EdgeMetric): EdgeLook {
  const passed = edge.count > 0;
  const refused = edge.denied === 0 ? "none" : passed ? "some" : "all";
  const lock = edge.mtlsShare !== null && edge.mtlsShare > 0 && refused !== "all" ? edge.mtlsShare : null;
  if (refused === "all") {
    const perSecond = textOf(rate(edge.deniedPerSecond, edge.unit === "connections" ? "connections/s" : "rps"));
    return {
      tone: "denied",
      width: 1,
      dotSeconds: null,
      lock,
      refused,
      primary: metric === "none" ? "" : "Denied",
      secondary: metric === "none" ? "" : perSecond,
    };
  }
  const copied = textOf(rate(edge.copiesPerSecond, "rps"));
  if (!passed && edge.copies > 0) {
    return {
      tone: "copies",
      width: 1,
      dotSeconds: null,
      lock,
      refused,
      primary: metric === "none" ? "" : "Copies",
      secondary: metric === "none" ? "" : copied,
    };
  }
  if (!passed) {
    return { tone: "idle", width: 1, dotSeconds: null, lock, refused, primary: "", secondary: "" };
  }
  const failing = edge.errorShare > errorShareLimit;
  const [primary, usual] = failing && metric === "rate" ? words(edge, "errors") : words(edge, metric);
  return {
    tone: failing ? "error" : "plain",
    width: widthOf(edge.rps),
    dotSeconds: dotSecondsOf(edge.rps),
    lock,
    refused,
    primary,
    secondary: metric === "none" ? "" : (besides(edge) ?? usual),
  };
}

/** What else goes on between the two, beside the traffic that passed. */
function besides({ denied, deniedPerSecond, copies, copiesPerSecond }: GraphEdge): string | undefined {
  if (denied > 0) {
    return `${textOf(rate(deniedPerSecond, "/s"))} denied`;
  }
  return copies > 0 ? `${textOf(rate(copiesPerSecond, "/s"))} copies` : undefined;
}

/** The edge in words, for those who do not see it. */
export function edgeSentence(edge: GraphEdge, fromTitle: string, toTitle: string): string {
  const parts = [`${fromTitle} to ${toTitle}`];
  if (edge.count > 0) {
    parts.push(textOf(rate(edge.rps, edge.unit === "connections" ? "connections per second" : "requests per second")));
    parts.push(`${textOf(share(edge.errorShare))} errors`);
  }
  if (edge.p95Ms !== null) {
    parts.push(`95th percentile ${textOf(milliseconds(edge.p95Ms))}`);
  }
  if (edge.denied > 0) {
    parts.push(`${edge.denied} denied`);
  }
  if (edge.copies > 0) {
    parts.push(`${textOf(rate(edge.copiesPerSecond, "copies per second"))} of requests to ${fromTitle}`);
  }
  if (edge.mtlsShare === 1) {
    parts.push("mutually authenticated");
  } else if (edge.mtlsShare !== null && edge.mtlsShare > 0) {
    parts.push(`${textOf(share(edge.mtlsShare))} mutually authenticated`);
  } else if (edge.mtlsShare === 0) {
    parts.push("plain text");
  }
  return parts.join(", ");
}
