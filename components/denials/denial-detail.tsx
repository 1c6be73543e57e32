"use client";

import {
  ArrowRight,
  Ban,
  Check,
  type LucideIcon,
  Minus,
  ShieldQuestionMark,
  Terminal,
  Waypoints,
  X,
} from "lucide-react";
import type { DenialGroup } from "@/server/contracts/denials.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { serviceList } from "@/server/contracts/services.ts";
import { prefilledHref } from "../query/prefilled-href.ts";
import { queryKeys } from "../query/query-keys.ts";
import { windowWords } from "../query/time-window.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { tryHref } from "../try-it/try-href.ts";
import { AppLink } from "../ui/app-link.tsx";
import { LinkButton } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { plural } from "../ui/format.ts";
import { TimeAgo } from "../ui/time-ago.tsx";
import { whatIfHref } from "../what-if/what-if-state.ts";
import { HopChain } from "./hop-chain.tsx";
import { IdentityCompare } from "./identity-compare.tsx";
import { ValueCompare } from "./value-compare.tsx";

const outcomes: Record<DenialGroup["steps"][number]["outcome"], { icon: LucideIcon; tone: string; word: string }> = {
  passed: { icon: Check, tone: "c-ok", word: "Passed:" },
  skipped: { icon: Minus, tone: "t3", word: "Skipped:" },
  failed: { icon: X, tone: "c-denied", word: "Failed:" },
};

const attributeWords: Readonly<Record<string, string>> = {
  "source.principal": "identity of the caller",
  "source.namespace": "namespace of the caller",
  "source.serviceAccount": "service account of the caller",
  "source.ip": "address of the caller",
  "destination.ip": "address that was called",
  "destination.port": "port that was called",
  "request.method": "method",
  "request.path": "path",
  "request.host": "host",
  "request.header": "header",
  "request.auth.principal": "signed-in user",
  "request.auth.audiences": "audience of the token",
  "request.auth.presenter": "client that the token was given to",
  "request.auth.claims": "claim of the token",
  "remote.ip": "address of the first client",
  "connection.sni": "server name",
};

/** Values that telemetry never carries. */
const secret = new Set(["request.header", "request.auth.claims", "request.auth.principal", "request.auth.audiences"]);

const actionWords: Record<DenialGroup["policyAction"], string> = {
  ALLOW: "Allow",
  DENY: "Deny",
  CUSTOM: "Asks an authorizer",
  "": "",
};

/** Why it was denied: the way, what decided, how, and the way out. */
export function DenialDetail({
  group,
  windowSeconds,
}: {
  readonly group: DenialGroup;
  readonly windowSeconds: number;
}) {
  const services = usePortalQuery(queryKeys.services(300), serviceList, `${endpoints.services}?window=300`, 10_000);
  const fromGateway =
    services.data?.services.some(
      (service) => service.kind === "gateway" && `${service.namespace}/${service.name}` === group.from,
    ) ?? false;
  return (
    <div className="why-d" data-testid="denial-detail">
      <HopChain group={group} fromGateway={fromGateway} />
      <div className="d-cols">
        <Decided group={group} />
        <div>
          <h2>How it was decided</h2>
          <ol className="steps">
            {group.steps.map((step, index) => {
              const last = index === group.steps.length - 1;
              const { icon, tone, word } = outcomes[step.outcome];
              const Icon = last && step.outcome === "failed" ? Ban : icon;
              return (
                <li key={step.text}>
                  <Icon className={`ic ic-14 ${tone}`} role="img" aria-label={word} />
                  <span className={last ? "strong" : step.outcome === "skipped" ? "t3" : undefined}>{step.text}</span>
                </li>
              );
            })}
          </ol>
          {group.since && (
            <p className="xs t3" style={{ marginTop: 8 }}>
              Since <TimeAgo at={group.since.timeUnixMs} /> ago, when{" "}
              <AppLink className="link" href={`/changes/${group.since.id}`}>
                change {group.since.number}, {group.since.title}
              </AppLink>{" "}
              was applied by {group.since.author}.
            </p>
          )}
        </div>
        <Fix group={group} windowSeconds={windowSeconds} fromGateway={fromGateway} />
      </div>
    </div>
  );
}

function Decided({ group }: { readonly group: DenialGroup }) {
  const { policy } = group;
  return (
    <div>
      <h2>What decided</h2>
      <p className="sm" style={{ marginBottom: 8 }}>
        {group.sentence}
      </p>
      <dl className="kv" style={{ gridTemplateColumns: "84px minmax(0, 1fr)" }}>
        {group.method !== "" && (
          <>
            <dt>Request</dt>
            <dd data-testid="denial-request">
              <span className="mono">
                {group.method} {group.path}
              </span>
              {group.host !== "" && (
                <>
                  {" "}
                  <span className="t3">to</span> <span className="mono">{group.host}</span>
                </>
              )}
            </dd>
            <dt>Answer</dt>
            <dd data-testid="denial-answer">
              <span className="mono">{group.answerTitle}</span> <span className="t3">from the {group.enforcer}</span>
            </dd>
          </>
        )}
        <dt>Policy</dt>
        <dd data-testid="denial-policy">
          {policy ? (
            <>
              <span className="mono">
                {policy.namespace}/{policy.name}
              </span>{" "}
              <span className="t3">{actionWords[group.policyAction] || policy.kind}</span>
            </>
          ) : (
            <span className="t3">none took part</span>
          )}
        </dd>
        {group.rule >= 0 && (
          <>
            <dt>Rule</dt>
            <dd>
              {group.rule + 1}
              {group.reason === "no-allow-policy-matched" && ", the nearest"}
            </dd>
          </>
        )}
        {group.attribute !== "" && group.attribute !== "none" && (
          <>
            <dt>Attribute</dt>
            <dd>
              <b className="strong">{attributeWords[group.attribute] ?? group.attribute}</b>{" "}
              {group.attributeName !== "" && <span className="mono">{group.attributeName}</span>}{" "}
              {attributeWords[group.attribute] !== undefined && <span className="mono t3">{group.attribute}</span>}
            </dd>
          </>
        )}
      </dl>
      {group.attribute.startsWith("source.") || group.attribute === "none" || group.reason === "plain-text-under-strict"
        ? (group.expected.length > 0 || group.was !== "") && (
            <IdentityCompare expected={group.expected} was={group.was} denies={group.policyAction === "DENY"} />
          )
        : (group.expected.length > 0 || group.was !== "") && (
            <ValueCompare
              expected={group.expected}
              was={group.was}
              denies={group.policyAction === "DENY"}
              secret={secret.has(group.attribute)}
            />
          )}
      {group.ruleText !== "" && (
        <details className="rule-text">
          <summary>{group.policyAction === "" ? "What it says" : group.rule < 0 ? "Its rules" : "The rule"}</summary>
          {group.policyAction === "" ? (
            <p className="sm">{group.ruleText}</p>
          ) : (
            <pre data-testid="denial-rule">{group.ruleText}</pre>
          )}
        </details>
      )}
      {group.answer === 0 && (
        <p className="xs t3" style={{ marginTop: 10 }}>
          The caller saw a closed connection and no status: layer 4 refuses before HTTP begins, so method and path are
          unknown.
          {group.caller.principal !== "" && ` A new pod, address or node of ${group.caller.title} changes nothing.`}
        </p>
      )}
    </div>
  );
}

/** Beside a form: what the caller itself can do, or where to look before the rule is changed. */
const saysMore = ({ reason, attribute }: DenialGroup): boolean =>
  reason !== "no-allow-policy-matched" || attribute === "request.header";

interface FixProps {
  readonly group: DenialGroup;
  readonly windowSeconds: number;
  readonly fromGateway: boolean;
}

function Fix({ group, windowSeconds, fromGateway }: FixProps) {
  const me = useMe();
  const what = plural(group.count, group.method === "" ? "connection" : "request");
  return (
    <div className="fix">
      <h2>Fix it</h2>
      {group.fix && (
        <>
          <LinkButton href={prefilledHref(group.fix)} look="primary" size="l" data-testid="fix-it">
            {group.fix.title}
            <ArrowRight className="ic ic-14" aria-hidden="true" />
          </LinkButton>
          <p className="cap">
            {group.fix.reason}. It is about {what} in the last {windowWords(windowSeconds)}.
          </p>
          {group.nextStep && saysMore(group) && (
            <p className="cap" data-testid="next-step">
              {group.nextStep.text}
            </p>
          )}
        </>
      )}
      {!group.fix && group.nextStep && (
        <div data-testid="next-step">
          <p className="sm">{group.nextStep.text}</p>
          {group.nextStep.command !== "" && (
            <div className="cmd">
              <span className="grow try-cmd">{group.nextStep.command}</span>
              <CopyButton text={group.nextStep.command} />
            </div>
          )}
        </div>
      )}
      {!group.fix && !group.nextStep && (
        <p className="cap">
          No form repairs this: the caller has to prove who it is, so it must join the mesh or come through the gateway.
        </p>
      )}
      {me.capabilities.tryIt && fromGateway && (
        <LinkButton href="/try-it?as=outside" icon={Terminal}>
          Send one through the gateway
        </LinkButton>
      )}
      {me.capabilities.tryIt && !fromGateway && group.caller.pod !== "" && (
        <LinkButton
          href={tryHref({
            namespace: group.caller.namespace,
            workload: group.caller.title,
            url: `http://${group.service.name}.${group.service.namespace}:${group.port}${group.path === "" ? "/" : group.path}`,
          })}
          icon={Terminal}
        >
          Send it again as {group.caller.title}
        </LinkButton>
      )}
      <LinkButton look="ghost" href={whatIfOf(group)} icon={ShieldQuestionMark}>
        Ask what would happen now
      </LinkButton>
      <LinkButton look="ghost" href={`/graph?edge=${encodeURIComponent(`${group.from}~${group.to}`)}`} icon={Waypoints}>
        Show it in the graph
      </LinkButton>
    </div>
  );
}

/** The same request as a question. From outside the gateway has to be chosen, since the refusal does not name it. */
function whatIfOf({ caller, service, port, method, path }: DenialGroup): string {
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(`/${caller.principal}`) ?? [];
  return whatIfHref({
    from: namespace && account ? `${namespace}/${account}` : caller.principal === "" ? "plain" : "",
    to: `${service.namespace}/${service.name}`,
    port: String(port),
    ...(method !== "" && { method }),
    ...(path !== "" && { path }),
  });
}
