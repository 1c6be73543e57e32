/**
 * The first value of a query parameter, as it was sent (Envoy does not decode before matching). `query` begins with `?`
 * or is empty.
 */
export function queryParameter(query: string, name: string): string | undefined {
  let at = 1;
  while (at <= query.length) {
    const ampersand = query.indexOf("&", at);
    const end = ampersand === -1 ? query.length : ampersand;
    if (query.startsWith(name, at)) {
      const after = at + name.length;
      if (after === end) {
        return "";
      }
      if (query[after] === "=" && after < end) {
        return query.slice(after + 1, end);
      }
    }
    at = end + 1;
  }
  return undefined;
}

/** All values of a parameter, names and values decoded; what cannot be decoded is left as sent. */
export function decodedParameters(query: string, name: string): string[] {
  const found: string[] = [];
  for (const pair of pairsOf(query)) {
    const equals = pair.indexOf("=");
    if (decoded(equals === -1 ? pair : pair.slice(0, equals)) === name) {
      found.push(equals === -1 ? "" : decoded(pair.slice(equals + 1)));
    }
  }
  return found;
}

/** The query without a parameter, however its name is encoded. */
export function withoutParameter(query: string, name: string): string {
  const kept = pairsOf(query).filter((pair) => decoded(pair.split("=", 1)[0] ?? "") !== name);
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

const pairsOf = (query: string): string[] => (query.length < 2 ? [] : query.slice(1).split("&"));

function decoded(text: string): string {
  if (!text.includes("%") && !text.includes("+")) {
    return text;
  }
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** The query with one value for a parameter, in place of all that it had. */
export function setParameter(query: string, name: string, value: string): string {
  const rest = withoutParameter(query, name);
  return `${rest === "" ? "?" : `${rest}&`}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}
