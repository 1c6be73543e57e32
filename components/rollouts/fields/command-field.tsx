"use client";

import { useState } from "react";
import { useControl } from "../../golden-paths/fields/field.tsx";
import { PathField } from "../../golden-paths/fields/path-field.tsx";

interface CommandFieldProps {
  readonly command: readonly string[];
  readonly onChange: (command: string[]) => void;
}

/** What runs in a container: the program and each of its words on a line of its own, so that nothing needs quotes. */
export function CommandField({ command, onChange }: CommandFieldProps) {
  return (
    <PathField
      name="start.command"
      label="Command"
      optional
      hint="One word a line; nothing is read by a shell. Empty: as the version that runs"
    >
      <CommandInput command={command} onChange={onChange} />
    </PathField>
  );
}

const wordsOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

function CommandInput({ command, onChange }: CommandFieldProps) {
  const control = useControl();
  const [typed, setTyped] = useState(command.join("\n"));
  const text = wordsOf(typed).join("\n") === command.join("\n") ? typed : command.join("\n");
  return (
    <span className="input is-area">
      <textarea
        {...control}
        rows={2}
        className="mono"
        spellCheck={false}
        value={text}
        data-testid="field-start-command"
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(wordsOf(event.target.value));
        }}
      />
    </span>
  );
}
