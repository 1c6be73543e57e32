"use client";

import { classNames } from "../../ui/class-names.ts";
import type { ReleaseFieldsProps } from "../form/release-form.ts";
import { kindOrder, kindTexts } from "../words/rollout-words.ts";
import { KindPicture } from "./kind-picture.tsx";

/** How the new version gets its calls: six ways, each with a picture and a line. */
export function KindField({ form: { draft, setKind } }: ReleaseFieldsProps) {
  return (
    <fieldset className="field kinds-field">
      <legend className="label">How</legend>
      <div className="kinds">
        {kindOrder.map((kind) => (
          <label key={kind} className={classNames("kind", draft.kind === kind && "is-on")} data-testid={`kind-${kind}`}>
            <input
              type="radio"
              className="vh"
              name="release-kind"
              value={kind}
              checked={draft.kind === kind}
              onChange={() => setKind(kind)}
            />
            <KindPicture kind={kind} />
            <span className="kind-text">
              <span className="med">{kindTexts[kind].title}</span>
              <span className="cap">{kindTexts[kind].line}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
