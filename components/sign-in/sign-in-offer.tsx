"use client";

import { useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { me, type Role, signInOffer } from "@/server/contracts/me.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { Button } from "../ui/button.tsx";
import { Note, Skeleton } from "../ui/states.tsx";
import { HowToGetALink } from "./how-to-get-a-link.tsx";

const roleWords: Record<Role, string> = {
  viewer: "viewer",
  developer: "developer",
  platform: "platform engineer",
  auditor: "auditor",
};
const spent: Readonly<Record<string, string>> = {
  "sign-in-link-used": "This link was used",
  "sign-in-link-expired": "This link has expired",
  "sign-in-link-unknown": "This link is not known",
};

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

interface SignInOfferProps {
  readonly token: string;
  /** A page of this portal to go to, beginning with a slash. */
  readonly next: string;
}

/** A one-time link: says for whom it is, and is used up only by the button. */
export function SignInOffer({ token, next }: SignInOfferProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const offer = useQuery({
    queryKey: ["sign-in", token],
    queryFn: ({ signal }) =>
      fetchJson(signInOffer, `${endpoints.signIn}?token=${encodeURIComponent(token)}`, { signal }),
    retry: (failures, error) =>
      failures < 20 && error instanceof PortalError && (error.code === "starting" || error.code === "offline"),
    retryDelay: 500,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const signIn = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await fetchJson(me, endpoints.signIn, { method: "POST", body: { token } });
      window.location.assign(next);
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  const error = failure ?? offer.error;
  const title = error instanceof PortalError ? spent[error.code] : undefined;
  if (error !== null && title !== undefined) {
    return (
      <>
        <h1>{title}</h1>
        <p>{userMessageOf(error)}</p>
        <HowToGetALink />
      </>
    );
  }
  return (
    <>
      <h1>{offer.data ? `Sign in as ${offer.data.user.name}` : "Sign in"}</h1>
      {offer.data ? (
        <p>
          {sentence(
            offer.data.roles
              .slice(-1)
              .map((role) => roleWords[role])
              .join(""),
          )}{" "}
          This link works once; the session lasts a day.
        </p>
      ) : (
        error === null && (
          <p>
            <Skeleton width={240} />
          </p>
        )
      )}
      {error !== null && <Note tone="error">{userMessageOf(error)}</Note>}
      <Button
        look="primary"
        size="l"
        icon={LogIn}
        busy={busy}
        disabled={busy || !offer.data}
        onClick={() => void signIn()}
        data-testid="sign-in"
      >
        {busy ? "Signing in" : "Sign in"}
      </Button>
    </>
  );
}
