const words: Readonly<Record<string, string>> = {
  "consecutive-5xx": "answered 5xx in a row",
  "consecutive-gateway-errors": "answered 502, 503 or 504 in a row",
};

/** Why a pod was taken out, in words; what is not known is shown as it was told. */
export const ejectionWords = (reason: string): string => words[reason] ?? reason;
