/** A version: the first is the stable one (circle), later ones are canaries (diamond). */
export function VersionTag({
  version,
  index,
  children,
}: {
  readonly version: string;
  readonly index: number;
  readonly children?: React.ReactNode;
}) {
  return (
    <span className={index === 0 ? "ver" : "ver is-canary"}>
      {version}
      {children}
    </span>
  );
}
