import { Fragment } from "react";

/** A sentence with the given names set strong, longest first so that none is cut. */
export function Emphasised({ sentence, names }: { readonly sentence: string; readonly names: readonly string[] }) {
  const wanted = [...new Set(names)].filter((name) => name !== "").sort((a, b) => b.length - a.length);
  if (wanted.length === 0) {
    return sentence;
  }
  const pattern = new RegExp(
    `(?<![\\w-])(${wanted.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?![\\w-])`,
    "g",
  );
  return sentence.split(pattern).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence in their order
    <Fragment key={index}>{index % 2 === 1 ? <b>{part}</b> : part}</Fragment>
  ));
}
