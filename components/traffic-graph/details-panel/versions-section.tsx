import type { VersionShare } from "@/server/contracts/traffic.ts";
import { plural, rate, shareShort, textOf } from "../../ui/format.ts";
import { VersionTag } from "../../ui/version-tag.tsx";
import { PanelSection } from "./panel-frame.tsx";

/** Which versions answered, by share; only where there is a choice. */
export function VersionsSection({
  versions,
  words,
}: {
  readonly versions: readonly VersionShare[];
  readonly words: string;
}) {
  if (versions.length < 2) {
    return null;
  }
  return (
    <PanelSection title="Versions" note={words}>
      <ul className="vsplit" data-testid="versions">
        {versions.map(({ version, pods, readyPods, rps, share }, index) => (
          <li key={version}>
            <VersionTag version={version} index={index} />
            <span className="gbar">
              <i
                className={index === 0 ? "is-stable" : "is-canary"}
                style={{ width: `${Math.round((share ?? 0) * 100)}%` }}
              />
            </span>
            <span className="num tn">{share === null ? "–" : shareShort(share)}</span>
            <span className="num tn t2">{textOf(rate(rps))}</span>
            <span className="num t3 nowrap">
              {readyPods === pods ? plural(pods, "pod") : `${readyPods} of ${plural(pods, "pod")}`}
            </span>
          </li>
        ))}
      </ul>
    </PanelSection>
  );
}
