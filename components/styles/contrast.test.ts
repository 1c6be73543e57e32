import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Rgb = readonly [number, number, number];
type Colours = ReadonlyMap<string, string>;

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The tokens of one theme, by name. */
function coloursOf(theme: "light" | "dark"): Colours {
  const block = css.split(`[data-theme="${theme}"] {`)[1]?.split("\n}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** What is seen of a colour on what is below it. */
function over(colour: string, below: Rgb): Rgb {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(colour);
  if (hex !== null) {
    const [, r = "", g = "", b = ""] = hex;
    return [Number.parseInt(r, 16), Number.parseInt(g, 16), Number.parseInt(b, 16)];
  }
  const glass = /^rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)%\)$/.exec(colour);
  if (glass === null) {
    throw new Error(`${colour} is no colour`);
  }
  const [, r, g, b, percent] = glass.map(Number);
  const share = (percent ?? 0) / 100;
  const mix = (top = 0, bottom = 0): number => top * share + bottom * (1 - share);
  return [mix(r, below[0]), mix(g, below[1]), mix(b, below[2])];
}

/** Relative luminance (WCAG 2.2). */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

/** Contrast ratio (WCAG 2.2, 1.4.3). */
function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["canvas", "app", "surface", "raised", "overlay", "inset"];
const glasses = [undefined, "hover", "press"];
const texts = [
  "text",
  "text-2",
  "text-3",
  "accent",
  "ok",
  "warn",
  "error",
  "denied",
  "info",
  "mtls",
  "stable",
  "canary",
];

test.each(["light", "dark"] as const)("every text is readable on every ground, also under the pointer: %s", (theme) => {
  const colours = coloursOf(theme);
  const opaque = (name: string): Rgb => over(colours.get(name) ?? "missing", [0, 0, 0]);
  const weak: string[] = [];
  for (const ground of grounds) {
    for (const glass of glasses) {
      const below = opaque(`bg-${ground}`);
      const seen = glass === undefined ? below : over(colours.get(`bg-${glass}`) ?? "missing", below);
      for (const text of texts) {
        const ratio = contrast(opaque(text), seen);
        if (ratio < 4.5) {
          weak.push(`${text} on ${ground}${glass === undefined ? "" : ` ${glass}`}: ${ratio.toFixed(2)}`);
        }
      }
    }
  }
  expect(weak).toEqual([]);
});

test.each(["light", "dark"] as const)("text on a tint of its own, and the quiet text on every tint: %s", (theme) => {
  const colours = coloursOf(theme);
  const opaque = (name: string): Rgb => over(colours.get(name) ?? "missing", [0, 0, 0]);
  const tints = ["accent", "ok", "warn", "error", "denied", "info", "mtls", "stable", "canary"];
  const weak = tints.flatMap((tint) =>
    [tint, "text", "text-2"].flatMap((text) => {
      const ratio = contrast(opaque(text), opaque(`${tint}-tint`));
      return ratio < 4.5 ? [`${text} on ${tint}-tint: ${ratio.toFixed(2)}`] : [];
    }),
  );
  expect(weak).toEqual([]);
});
