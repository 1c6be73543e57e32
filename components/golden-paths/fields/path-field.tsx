"use client";

import { type ReactNode, useId } from "react";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { prefilledHref } from "../../query/prefilled-href.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { useNotes } from "../form/path-form.ts";
import { rangeOf, rangeWords } from "../form/ranges.ts";
import { Field } from "./field.tsx";

interface PathFieldProps {
  /** Dotted path in the form; several when one line speaks for all of them. */
  readonly name: string | readonly string[];
  readonly label: string;
  readonly optional?: boolean;
  readonly hint?: ReactNode;
  /** What this field finds by itself; a finding of the portal comes first. */
  readonly warning?: ReactNode;
  readonly error?: string | undefined;
  readonly group?: boolean;
  /** How a range that platform engineers set is written beside the hint. */
  readonly range?: "number" | "duration";
  /** Only what is wrong with it as a whole: its parts have fields of their own. */
  readonly whole?: boolean;
  readonly children: ReactNode;
}

/** A field of a path: says what the schema, the portal and the platform engineers have to say about it. */
export function PathField({ name, hint, warning, error, range, whole = false, ...rest }: PathFieldProps) {
  const id = useId();
  const { problems, findings, ranges, onRepair } = useNotes();
  const names = typeof name === "string" ? [name] : name;
  const isMine = (path: string) => names.some((own) => path === own || (!whole && path.startsWith(`${own}.`)));
  const problem = error ?? [...problems].find(([path]) => isMine(path))?.[1];
  const about = findings.filter(({ field }) => isMine(field));
  const blocking = about.find(({ level }) => level === "error");
  const doubt = about.find(({ level }) => level === "warning");
  const limit = range && names.map((own) => rangeOf(ranges, own)).find((found) => found !== undefined);
  const allowed = limit && range ? rangeWords(limit, range) : "";
  return (
    <Field
      id={id}
      {...rest}
      hint={
        allowed === ""
          ? hint
          : [hint, `Allowed: ${allowed}`]
              .filter(Boolean)
              .map((line, at) => <span key={at === 0 ? "hint" : "range"}>{line}</span>)
      }
      error={problem ?? (blocking && <FindingNote finding={blocking} onRepair={onRepair} />)}
      warning={doubt ? <FindingNote finding={doubt} onRepair={onRepair} /> : warning}
    />
  );
}

function FindingNote({
  finding,
  onRepair,
}: {
  readonly finding: Finding;
  readonly onRepair: (values: Record<string, unknown>) => void;
}) {
  const { message, repair, path } = finding;
  return (
    <>
      {message}
      {repair && (
        <div>
          <Button size="s" onClick={() => onRepair(repair.values)}>
            {repair.title}
          </Button>
        </div>
      )}
      {!repair && path && (
        <div>
          <LinkButton size="s" href={prefilledHref(path)}>
            {path.title}
          </LinkButton>
        </div>
      )}
    </>
  );
}
