"use client";

import { Fragment } from "react";
import { pathGroup } from "@/server/contracts/golden-paths/slug.ts";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import { groupTitles, pathTexts } from "../golden-paths/path-texts.ts";
import { takeBackWords } from "../golden-paths/take-back-words.ts";
import { prefilledHref } from "../query/prefilled-href.ts";
import { useMe } from "../query/use-me.tsx";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { exact } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";

type ServicePath = ServiceDetails["goldenPaths"][number];

/** What is in force for a service, each with its values, its end and the ways to change it; and what could be. */
export function ServicePaths({ details }: { readonly details: ServiceDetails }) {
  const { capabilities } = useMe();
  const active = details.goldenPaths.filter((path) => path.active);
  const offers = details.goldenPaths.filter((path) => !path.active);
  if (details.goldenPaths.length === 0) {
    return null;
  }
  return (
    <>
      <Section className="block" title="Golden paths in force">
        {active.length === 0 && <p className="cap">None is in force for this service yet.</p>}
        <ul className="stack" style={{ gap: 0 }} data-testid="paths-in-force">
          {active.map((path) => (
            <Fragment key={path.slug}>
              {path.inForce.length === 0 && <Seen path={path} mayChange={capabilities.preview} />}
              {path.inForce.map((entry) => (
                <InForceRow key={entry.key} entry={entry} title={path.title} mayChange={capabilities.preview} />
              ))}
            </Fragment>
          ))}
        </ul>
      </Section>
      {offers.length > 0 && capabilities.preview && (
        <Section className="block" title="Not in force" sub="each opens its form for this service">
          <dl className="offers">
            {pathGroup.options.map((group) => {
              const offered = offers.filter(({ slug }) => pathTexts[slug].group === group);
              return offered.length === 0 ? null : (
                <Fragment key={group}>
                  <dt>{groupTitles[group]}</dt>
                  <dd>
                    {offered.map((path) => (
                      <LinkButton
                        key={path.slug}
                        size="s"
                        icon={pathTexts[path.slug].icon}
                        href={prefilledHref(path.edit)}
                        data-testid={`offer-${path.slug}`}
                      >
                        {path.title}
                      </LinkButton>
                    ))}
                  </dd>
                </Fragment>
              );
            })}
          </dl>
        </Section>
      )}
    </>
  );
}

/** In force without a form: the cluster says so, somebody wrote it by hand or for more than this. */
function Seen({ path, mayChange }: { readonly path: ServicePath; readonly mayChange: boolean }) {
  return (
    <li className="line">
      <Glyph slug={path.slug} />
      <span className="grow">
        <b className="med">{path.title}</b>
        <span className="cap" style={{ display: "block" }}>
          {path.sentence}
        </span>
      </span>
      {mayChange && (
        <LinkButton size="s" href={prefilledHref(path.edit)}>
          Edit
        </LinkButton>
      )}
    </li>
  );
}

interface InForceRowProps {
  readonly entry: ServicePath["inForce"][number];
  readonly title: string;
  readonly mayChange: boolean;
}

function InForceRow({ entry, title, mayChange }: InForceRowProps) {
  const { slug, summary, edit, remove, untilUnixMs, changeId } = entry;
  const [, backward] = pathTexts[slug].ways;
  return (
    <li className="line" data-testid={`in-force-${slug}`}>
      <Glyph slug={slug} />
      <span className="grow">
        <b className="med">{title}</b>
        <span className="t2" style={{ display: "block" }}>
          {summary}
        </span>
        {(untilUnixMs !== null || changeId !== null) && (
          <span className="cap" style={{ display: "block" }}>
            {untilUnixMs !== null && (
              <>
                ends by itself <Countdown until={untilUnixMs} otherwise="any moment" />, {exact(untilUnixMs)}
                {changeId !== null && " · "}
              </>
            )}
            {changeId !== null && (
              <AppLink className="link" href={`/changes/${changeId}`}>
                the change that did it
              </AppLink>
            )}
          </span>
        )}
      </span>
      {mayChange && (
        <span className="row">
          <LinkButton size="s" href={prefilledHref({ slug, values: edit })}>
            Edit
            <span className="vh">
              {" "}
              {title}: {summary}
            </span>
          </LinkButton>
          <LinkButton size="s" look="ghost" href={prefilledHref({ slug, values: remove })}>
            {takeBackWords(entry, backward)}
            <span className="vh">
              {" "}
              {title}: {summary}
            </span>
          </LinkButton>
        </span>
      )}
    </li>
  );
}

function Glyph({ slug }: { readonly slug: ServicePath["slug"] }) {
  const { icon: Icon, tone } = pathTexts[slug];
  return (
    <span className={tone}>
      <Icon className="ic" aria-hidden="true" />
    </span>
  );
}
