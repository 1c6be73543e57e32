"use client";

import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { meshState } from "@/server/contracts/mesh.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { useLiveInterval } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu.tsx";

/** Which mesh the portal looks at, and whether its proxies follow. */
export function TargetPick() {
  const { target } = useMe();
  const router = useRouter();
  const mesh = useQuery({
    queryKey: queryKeys.mesh,
    queryFn: ({ signal }) => fetchJson(meshState, endpoints.mesh, { signal }),
    refetchInterval: useLiveInterval(5000),
  });
  const proxies = mesh.data?.proxies ?? [];
  const inSync = proxies.filter((proxy) => proxy.state === "in-sync").length;
  const good = mesh.data !== undefined && mesh.data.controlPlane.state === "connected" && inSync === proxies.length;
  const words = mesh.data ? `${inSync} of ${proxies.length} proxies in sync` : "asking the mesh";
  return (
    <Menu
      trigger={
        <button type="button" className="pick" title={words}>
          <span
            className={mesh.data ? (good ? "dot is-ok" : "dot is-warn") : "dot is-idle"}
            role="img"
            aria-label={words}
          />
          <span className="dim hide-narrow">Target</span> {target.kind}
          <ChevronDown className="ic ic-14" aria-hidden="true" />
        </button>
      }
    >
      <MenuLabel>
        {words}
        <br />
        trust domain {target.trustDomain}
        <br />
        Towpath {target.version}
      </MenuLabel>
      <MenuSeparator />
      <MenuItem onSelect={() => router.push("/mesh")}>See the mesh</MenuItem>
    </Menu>
  );
}
