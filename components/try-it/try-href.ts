/** Where "try it" opens with caller and address filled in. */
export function tryHref({
  namespace,
  workload,
  url,
}: {
  readonly namespace: string;
  readonly workload: string;
  readonly url: string;
}): string {
  return `/try-it?as=${encodeURIComponent(`${namespace}/${workload}`)}&url=${encodeURIComponent(url)}`;
}
