"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { ArrowRight, Route, Search, Server, Split, Terminal } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { goldenPathList } from "@/server/contracts/golden-paths.ts";
import { serviceList } from "@/server/contracts/services.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { pathHref, prefilledHref } from "../query/prefilled-href.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { newReleaseHref } from "../rollouts/new-release-href.ts";
import { useActiveRollouts } from "../rollouts/use-active-rollouts.ts";
import { titleOf } from "../rollouts/words/rollout-words.ts";
import { navItems } from "./nav-items.ts";
import { applyTheme } from "./theme.ts";

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** ⌘K: everything by name. Services, golden paths, pages and actions. */
export function Palette({ open, onOpenChange }: PaletteProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="vh">Search</Dialog.Title>
          <Commands onDone={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Every word that was typed must occur; a hit at the start of a word counts more. */
function matches(value: string, search: string): number {
  const text = value.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) {
    return 0;
  }
  return words.every((word) => ` ${text}`.includes(` ${word}`)) ? 1 : 0.5;
}

function Entry({
  value,
  icon,
  onSelect,
  children,
}: {
  readonly value: string;
  readonly icon: ReactNode;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Command.Item value={value} onSelect={onSelect}>
      {icon}
      {children}
    </Command.Item>
  );
}

function Commands({ onDone }: { readonly onDone: () => void }) {
  const me = useMe();
  const router = useRouter();
  const list = useRef<HTMLDivElement>(null);
  const services = useQuery({
    queryKey: queryKeys.services(300),
    queryFn: ({ signal }) => fetchJson(serviceList, `${endpoints.services}?window=300`, { signal }),
  });
  const paths = useQuery({
    queryKey: queryKeys.goldenPaths,
    queryFn: ({ signal }) => fetchJson(goldenPathList, endpoints.goldenPaths, { signal }),
  });
  const rollouts = useActiveRollouts() ?? [];
  const go = (href: string) => () => {
    onDone();
    router.push(href);
  };
  const theme = (choice: "dark" | "light" | "system") => () => {
    applyTheme(choice);
    onDone();
  };
  return (
    <Command label="Search" loop filter={matches}>
      <div className="pq">
        <Search className="ic" aria-hidden="true" />
        <Command.Input
          placeholder="Services, paths, pages, actions"
          onValueChange={() => list.current?.scrollTo({ top: 0 })}
        />
        <span className="kbd">Esc</span>
      </div>
      <Command.List ref={list}>
        <Command.Empty>Nothing has this name.</Command.Empty>
        <Command.Group heading="Services">
          {services.data?.services.map(({ namespace, name }) => (
            <Entry
              key={`${namespace}/${name}`}
              value={`service ${namespace} ${name}`}
              icon={<Server className="ic ic-14" aria-hidden="true" />}
              onSelect={go(`/services/${namespace}/${name}`)}
            >
              <b className="strong">{name}</b> <span className="t3">{namespace}</span>
            </Entry>
          ))}
        </Command.Group>
        <Command.Group heading="Golden paths">
          {paths.data?.paths.map((path) => (
            <Entry
              key={path.slug}
              value={`${path.title} ${path.keywords.join(" ")}`}
              icon={<Route className="ic ic-14" aria-hidden="true" />}
              onSelect={go(pathHref(path.slug))}
            >
              {path.title}
            </Entry>
          ))}
        </Command.Group>
        {rollouts.length > 0 && (
          <Command.Group heading="Releases">
            {rollouts.map((rollout) => (
              <Entry
                key={rollout.id}
                value={`${titleOf(rollout)} ${rollout.number} rollout`}
                icon={<Split className="ic ic-14" aria-hidden="true" />}
                onSelect={go(`/rollouts/${rollout.id}`)}
              >
                {titleOf(rollout)}
                <span className="end">{rollout.headline}</span>
              </Entry>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Actions">
          {services.data?.services
            .filter((service) => service.kind === "service" && service.mine)
            .map(({ namespace, name }) => (
              <Entry
                key={`let ${namespace}/${name}`}
                value={`let a caller call ${namespace} ${name}`}
                icon={<Route className="ic ic-14" aria-hidden="true" />}
                onSelect={go(prefilledHref({ slug: "let-a-caller-in", values: { service: { namespace, name } } }))}
              >
                <span>
                  Let a service call <b className="strong">{name}</b>
                </span>
              </Entry>
            ))}
          {me.capabilities.preview &&
            services.data?.services
              .filter(({ kind, enrolment }) => kind === "service" && enrolment.captured > 0)
              .map(({ namespace, name }) => (
                <Entry
                  key={`release ${namespace}/${name}`}
                  value={`release a new version canary rollout of ${namespace} ${name}`}
                  icon={<Split className="ic ic-14" aria-hidden="true" />}
                  onSelect={go(newReleaseHref({ service: { namespace, name } }))}
                >
                  <span>
                    Release a new version of <b className="strong">{name}</b>
                  </span>
                </Entry>
              ))}
          {me.capabilities.tryIt && (
            <Entry
              value="send a request try curl"
              icon={<Terminal className="ic ic-14" aria-hidden="true" />}
              onSelect={go("/try-it")}
            >
              Send a request
            </Entry>
          )}
          <Entry
            value="colours dark theme"
            icon={<ArrowRight className="ic ic-14" aria-hidden="true" />}
            onSelect={theme("dark")}
          >
            Dark colours
          </Entry>
          <Entry
            value="colours light theme"
            icon={<ArrowRight className="ic ic-14" aria-hidden="true" />}
            onSelect={theme("light")}
          >
            Light colours
          </Entry>
          <Entry
            value="colours as the system theme"
            icon={<ArrowRight className="ic ic-14" aria-hidden="true" />}
            onSelect={theme("system")}
          >
            Colours as the system
          </Entry>
        </Command.Group>
        <Command.Group heading="Pages">
          {navItems
            .filter((item) => item.visible?.(me) ?? true)
            .map((item) => (
              <Entry
                key={item.href}
                value={`${item.title} ${item.keywords}`}
                icon={<item.icon className="ic ic-14" aria-hidden="true" />}
                onSelect={go(item.href)}
              >
                {item.title}
              </Entry>
            ))}
        </Command.Group>
      </Command.List>
    </Command>
  );
}
