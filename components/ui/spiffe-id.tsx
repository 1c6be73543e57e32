/** An identity, trust domain dimmed, broken only at its slashes. Accepts it with or without the scheme. */
export function SpiffeId({ id }: { readonly id: string }) {
  if (id === "" || id === "unknown") {
    return <span className="t3">no identity: plain text</span>;
  }
  const bare = id.replace(/^spiffe:\/\//, "");
  const slash = bare.indexOf("/");
  const domain = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? "" : bare.slice(slash);
  return (
    <span className="id" data-identity={`spiffe://${bare}`}>
      <span className="td">spiffe://{domain}</span>
      <wbr />
      {path}
    </span>
  );
}
