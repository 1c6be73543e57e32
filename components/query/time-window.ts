const seconds = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600 } as const;

/** A window that figures are taken over, as it stands in the address. */
export type WindowName = keyof typeof seconds;

export const windowNames: readonly WindowName[] = ["1m", "5m", "15m", "1h"];

export const isWindowName = (text: string): text is WindowName => Object.hasOwn(seconds, text);

export const windowSecondsOf = (name: WindowName): number => seconds[name];

const short: Record<WindowName, string> = { "1m": "1 min", "5m": "5 min", "15m": "15 min", "1h": "1 h" };

/** `5 min`. */
export const windowTitle = (name: WindowName): string => short[name];

/** The words of any window the portal answers with: `5 min`, `1 h`. */
export function windowWords(windowSeconds: number): string {
  if (windowSeconds % 86_400 === 0) {
    return windowSeconds === 86_400 ? "24 h" : `${windowSeconds / 86_400} days`;
  }
  if (windowSeconds >= 3600 && windowSeconds % 3600 === 0) {
    return `${windowSeconds / 3600} h`;
  }
  return windowSeconds >= 60 ? `${Math.round(windowSeconds / 60)} min` : `${windowSeconds} s`;
}
