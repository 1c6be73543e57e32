import { Ban, Check, CircleHelp, type LucideIcon, Terminal } from "lucide-react";
import type { Verdict } from "@/server/contracts/golden-paths.ts";
import type { WhatIf } from "@/server/contracts/what-if.ts";
import { FindingList } from "../findings/finding-list.tsx";
import { prefilledHref } from "../query/prefilled-href.ts";
import { useMe } from "../query/use-me.tsx";
import { tryRequestHref } from "../try-it/try-href.ts";
import { LinkButton } from "../ui/button.tsx";
import { share, textOf } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";
import { VersionTag } from "../ui/version-tag.tsx";
import { HopsAsked } from "./hops-asked.tsx";

const looks: Record<Verdict, { icon: LucideIcon; tone: string; word: string }> = {
  allowed: { icon: Check, tone: "c-ok", word: "Yes" },
  denied: { icon: Ban, tone: "c-denied", word: "No" },
  unknown: { icon: CircleHelp, tone: "c-info", word: "Not known" },
};

interface WhatIfAnswerProps {
  readonly answer: WhatIf;
  readonly caller: string;
  readonly service: string;
  /** The question moved on; another answer is on its way. */
  readonly outdated: boolean;
}

/** The verdict, the way there, where it would be routed, and what would change it. */
export function WhatIfAnswer({ answer, caller, service, outdated }: WhatIfAnswerProps) {
  const me = useMe();
  const { icon: Icon, tone, word } = looks[answer.verdict];
  const { route, tryIt } = answer;
  return (
    <div className={outdated ? "is-stale" : undefined}>
      <div
        className="verdict"
        role="status"
        aria-live="polite"
        data-testid="what-if-verdict"
        data-verdict={answer.verdict}
      >
        <span className={`fig row ${tone}`}>
          <Icon className="ic" aria-hidden="true" />
          {word}
        </span>
        <p className="say" style={{ padding: 0, minHeight: 44 }}>
          {answer.sentence}
        </p>
      </div>
      <div className="verdict-acts row wrap">
        {answer.fixes.map((fix) => (
          <LinkButton key={`${fix.slug} ${fix.title}`} href={prefilledHref(fix)} title={fix.reason}>
            {fix.title}
          </LinkButton>
        ))}
        {tryIt !== null && me.capabilities.tryIt && (
          <LinkButton href={tryRequestHref(tryIt)} icon={Terminal} data-testid="send-for-real">
            Send it for real
          </LinkButton>
        )}
      </div>
      <Section className="block" title="Who says so">
        <HopsAsked answer={answer} caller={caller} service={service} />
      </Section>
      {answer.verdict !== "denied" && (
        <Section
          className="block"
          title="Where it goes"
          sub={route.resource === "" ? "no route of its own" : route.resource}
        >
          {route.backends.length > 0 && (
            <ul className="stack" data-testid="what-if-route">
              {route.backends.map(({ service: name, version, percent }, index) => (
                <li key={`${name} ${version}`} className="row">
                  <span className="num" style={{ width: 64 }}>
                    {textOf(share(percent / 100))}
                  </span>
                  <span className="mono">{name}</span>
                  {version !== "" && <VersionTag version={version} index={index} />}
                </li>
              ))}
            </ul>
          )}
          {route.words.length > 0 && (
            <ul className="sm t2" style={{ marginTop: 8 }}>
              {route.words.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          )}
          {route.backends.length === 0 && route.words.length === 0 && (
            <p className="cap">To any ready pod of {service}.</p>
          )}
        </Section>
      )}
      {answer.findings.length > 0 && (
        <Section className="block" title="Worth knowing">
          <FindingList findings={answer.findings} />
        </Section>
      )}
    </div>
  );
}
