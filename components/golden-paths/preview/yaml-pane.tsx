"use client";

import { Download } from "lucide-react";
import type { ResourceChange } from "@/server/contracts/golden-paths.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { plural } from "../../ui/format.ts";
import { ResourceDiff } from "../../ui/resource-diff.tsx";

interface YamlPaneProps {
  readonly resources: readonly ResourceChange[];
  /** What the file is called, without its ending. */
  readonly fileName: string;
}

/** Everything that is written as one file, as `kubectl apply -f` takes it. Objects that go away are not in it. */
const fileOf = (resources: readonly ResourceChange[]): string =>
  resources
    .map(({ after }) => after.trim())
    .filter((text) => text !== "")
    .join("\n---\n")
    .concat("\n");

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** What this generates, against what is live; to copy or to keep as a file. */
export function YamlPane({ resources, fileName }: YamlPaneProps) {
  const text = fileOf(resources);
  const gone = resources.filter(({ action }) => action === "delete").length;
  const written = resources.length - gone;
  return (
    <>
      {resources.length > 0 && (
        <div className="pane-bar">
          <span className="cap grow">
            {plural(written, "object")}
            {gone > 0 && `, ${plural(gone, "goes", "go")} away`}
          </span>
          <CopyButton text={text} label="Copy all" />
          <Button
            look="ghost"
            size="s"
            icon={Download}
            disabled={written === 0}
            onClick={() => save(text, `${fileName}.yaml`)}
            data-testid="download-yaml"
          >
            Download
          </Button>
        </div>
      )}
      <ResourceDiff changes={resources} />
    </>
  );
}
