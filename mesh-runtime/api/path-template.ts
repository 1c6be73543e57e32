const identifier = /^(?:\d+|[0-9a-f]{8,}|[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{24,})$/i;
const segmentsMax = 8;
const segmentLengthMax = 48;

/**
 * The shape of a path for statistics: no query, identifiers as `{id}`, at most eight segments. What a caller chooses
 * freely must not create a series of its own.
 */
export function pathTemplate(path: string): string {
  const end = path.indexOf("?");
  const segments = (end < 0 ? path : path.slice(0, end)).split("/");
  const shaped = segments
    .slice(0, segmentsMax + 1)
    .map((segment) => (identifier.test(segment) && /\d/.test(segment) ? "{id}" : segment.slice(0, segmentLengthMax)));
  return segments.length > segmentsMax + 1 ? `${shaped.join("/")}/…` : shaped.join("/");
}
