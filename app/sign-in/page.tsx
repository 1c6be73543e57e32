import type { Metadata } from "next";
import { Gate } from "@/components/sign-in/gate.tsx";
import { HowToGetALink } from "@/components/sign-in/how-to-get-a-link.tsx";
import { SignInOffer } from "@/components/sign-in/sign-in-offer.tsx";

export const metadata: Metadata = { title: "Sign in", referrer: "no-referrer" };

interface SignInPageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

const one = (value: string | string[] | undefined): string => (typeof value === "string" ? value : "");

/** A path of this portal; anything else would lead away from it. */
function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const query = await searchParams;
  const token = one(query["token"]);
  return (
    <Gate>
      {token === "" ? (
        <>
          <h1>{title(query)}</h1>
          <HowToGetALink />
        </>
      ) : (
        <SignInOffer token={token} next={safeNext(one(query["next"]))} />
      )}
    </Gate>
  );
}

function title(query: Readonly<Record<string, string | string[] | undefined>>): string {
  if (query["out"] !== undefined) {
    return "You are signed out";
  }
  return query["ended"] === undefined ? "Sign in with a link" : "Your session has ended";
}
