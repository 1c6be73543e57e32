import type { SupervisorError } from "./errors.ts";

/** What a person or a program needs to know of a running Towpath. Addresses are URLs; sign-in links work once. */
export interface ReadyFacts {
  readonly portal: string;
  readonly gateway: string;
  readonly kubeconfig: string;
  readonly signIn: { readonly platform: string; readonly developer: string; readonly auditor: string };
}

export interface Reporter {
  progress(text: string): void;
  ready(facts: ReadyFacts, startedInMs: number): void;
  alreadyRunning(facts: Partial<ReadyFacts>): void;
  failed(error: SupervisorError): void;
  stopping(): void;
}

/** One JSON object a line on stdout. */
export function jsonReporter(write: (line: string) => void): Reporter {
  const emit = (event: object): void => write(`${JSON.stringify(event)}\n`);
  return {
    progress: (message) => emit({ event: "progress", message }),
    ready: (facts, startedInMs) => emit({ event: "ready", ...facts, startedInMs }),
    alreadyRunning: (facts) => emit({ event: "already-running", ...facts }),
    failed: ({ code, message, remedy }) => emit({ event: "fatal", code, message, remedy }),
    stopping: () => emit({ event: "stopping" }),
  };
}

/** For people. */
export function textReporter(write: (line: string) => void): Reporter {
  const say = (text: string): void => write(`${text}\n`);
  return {
    progress: say,
    ready: (facts, startedInMs) =>
      say(`
Towpath is ready (${(startedInMs / 1000).toFixed(1)} s).

  Portal      ${facts.portal}
  Sign in as  Pat, platform engineer    ${facts.signIn.platform}
              Dana, developer (web-api) ${facts.signIn.developer}
              Alex, auditor             ${facts.signIn.auditor}
              Each link works once.

  Gateway     ${facts.gateway}
              curl -H 'Host: istioinaction.io' ${facts.gateway}/
  kubectl     export KUBECONFIG=${facts.kubeconfig}

Ctrl-C stops everything; the next start goes on from here.`),
    alreadyRunning: (facts) =>
      say(
        `Towpath is already running on this home${facts.portal === undefined ? "" : `: ${facts.portal}`}
${facts.kubeconfig === undefined ? "" : `  kubectl     export KUBECONFIG=${facts.kubeconfig}\n`}Stop it with Ctrl-C where it runs, or choose another home with TOWPATH_HOME.`,
      ),
    failed: ({ message, remedy }) => say(`\n${message}\n${remedy}`),
    stopping: () => say("\nStopping …"),
  };
}
