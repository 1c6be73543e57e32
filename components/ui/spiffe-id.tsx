import { Fragment } from "react";

/**
 * An identity, trust domain dimmed, broken only at its slashes. Accepts it with or without the scheme; `stacked` gives the
 * trust domain a line of its own.
 */
export function SpiffeId({ id, stacked = false }: { readonly id: string; readonly stacked?: boolean }) {
  if (id === "" || id === "unknown") {
    return <span className="t3">no identity: plain text</span>;
  }
  const bare = id.replace(/^spiffe:\/\//, "");
  const [domain = "", ...segments] = bare.split("/");
  return (
    <span className="id" data-identity={`spiffe://${bare}`}>
      <span className="td nowrap">spiffe://{domain}</span>
      {stacked && <br />}
      {segments.map((segment, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one identity keep their order
        <Fragment key={index}>
          <wbr />
          <span className="nowrap">/{segment}</span>
        </Fragment>
      ))}
    </span>
  );
}
