import { Fragment } from "react";

/** What the rule names and what came, with the parts that differ marked. */
export function IdentityCompare({
  expected,
  was,
  denies = false,
}: {
  readonly expected: readonly string[];
  readonly was: string;
  /** A deny rule: what it names is what it refuses. */
  readonly denies?: boolean;
}) {
  const wanted = expected.map((identity) => spelledOut(identity, was));
  const nearest = wanted[0] ?? "";
  return (
    <div className="cmpv">
      {wanted.slice(0, 4).map((identity, index) => (
        <div key={identity}>
          <span className="cap">{index === 0 ? (denies ? "denies" : "allowed") : "or"}</span>
          <Marked text={identity} against={was} mark={denies ? "b" : "a"} />
        </div>
      ))}
      {wanted.length > 4 && (
        <div>
          <span className="cap" />
          <span className="cap">and {wanted.length - 4} more</span>
        </div>
      )}
      <div>
        <span className="cap">was</span>
        {was === "" ? (
          <span className="sm">nothing: plain text proves no identity</span>
        ) : (
          <Marked text={was} against={nearest} mark="b" />
        )}
      </div>
    </div>
  );
}

/** A service account as `<namespace>/<name>`, written as an identity so that both can be compared part by part. */
function spelledOut(identity: string, was: string): string {
  const [namespace, account, ...rest] = identity.split("/");
  const domain = was.split("/")[0] ?? "";
  return namespace && account && rest.length === 0 && domain !== ""
    ? `${domain}/ns/${namespace}/sa/${account}`
    : identity;
}

function Marked({
  text,
  against,
  mark,
}: {
  readonly text: string;
  readonly against: string;
  readonly mark: "a" | "b";
}) {
  const others = against.split("/");
  return (
    <span className="id">
      {text.split("/").map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one identity keep their order
        <Fragment key={index}>
          {index > 0 && "/"}
          <wbr />
          {part !== others[index] && against !== "" ? (
            <mark className={mark}>{part}</mark>
          ) : (
            <span className={index === 0 ? "td" : undefined}>{part}</span>
          )}
        </Fragment>
      ))}
    </span>
  );
}
