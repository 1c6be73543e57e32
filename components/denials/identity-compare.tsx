import { Fragment } from "react";

/** What the rule names and what came, with the parts that differ marked. */
export function IdentityCompare({ expected, was }: { readonly expected: readonly string[]; readonly was: string }) {
  const nearest = expected[0] ?? "";
  return (
    <div className="cmpv">
      {expected.slice(0, 4).map((identity, index) => (
        <div key={identity}>
          <span className="cap">{index === 0 ? "allowed" : "or"}</span>
          <Marked text={identity} against={was} mark="a" />
        </div>
      ))}
      {expected.length > 4 && (
        <div>
          <span className="cap" />
          <span className="cap">and {expected.length - 4} more</span>
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
