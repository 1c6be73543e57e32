/** A URL as it may stand in logs and conditions: what could be a secret (query, user, password) is left out. */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "the URL" : `${url.protocol}//${url.host}${url.pathname}`;
}
