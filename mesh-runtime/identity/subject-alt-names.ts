import { DerReader, tags } from "./der.ts";

export interface SubjectAltNames {
  readonly uris: readonly string[];
  /** How many names of any other kind there are. */
  readonly others: number;
}

/** Reads the value of a subjectAltName extension. URIs are ASCII (IA5String); anything else is kept as is and matches nothing. */
export function parseSubjectAltNames(value: Uint8Array): SubjectAltNames {
  const outer = new DerReader(value);
  const names = outer.enter(tags.sequence);
  outer.end();
  const uris: string[] = [];
  let others = 0;
  while (!names.done) {
    const { tag, content } = names.next();
    if (tag === 0x86) {
      uris.push(content.toString("latin1"));
    } else {
      others += 1;
    }
  }
  return { uris, others };
}
