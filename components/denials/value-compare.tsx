/** What a rule names of a method, path, host, header or claim, and what came. */
export function ValueCompare({
  expected,
  was,
  denies,
  secret,
}: {
  readonly expected: readonly string[];
  readonly was: string;
  /** A deny rule: what it names is what it refuses. */
  readonly denies: boolean;
  /** Telemetry leaves values of this attribute out. */
  readonly secret: boolean;
}) {
  const shown = expected.slice(0, 6);
  return (
    <div className="cmpv" data-testid="denial-compare">
      {shown.map((value, index) => (
        <div key={value}>
          <span className="cap">{index === 0 ? (denies ? "denies" : "allowed") : "or"}</span>
          <span className="id">
            <mark className={denies ? "b" : "a"}>{value}</mark>
          </span>
        </div>
      ))}
      {expected.length > shown.length && (
        <div>
          <span className="cap" />
          <span className="cap">and {expected.length - shown.length} more</span>
        </div>
      )}
      <div>
        <span className="cap">was</span>
        {was === "" ? (
          <span className="sm t2">
            {secret ? "absent, or another value: values are not recorded" : "not there, or not known"}
          </span>
        ) : (
          <span className="id">
            <mark className="b">{was}</mark>
          </span>
        )}
      </div>
    </div>
  );
}
