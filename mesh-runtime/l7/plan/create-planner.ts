import { normalizePath } from "../../policy/index.ts";
import type { HttpRequest } from "../http-request.ts";
import { localReplies } from "../local-reply.ts";
import type { Peer } from "../peer.ts";
import type { BodyPeek, Planner, ReplyPlan, RequestPlan } from "../request-plan.ts";
import { callerOf } from "./caller.ts";
import { Draft } from "./draft.ts";
import type { Verdict } from "./gate.ts";
import type { PlaceRules, Places } from "./place-rules.ts";
import { compilePlaces } from "./places.ts";
import type { PlannerOptions } from "./planner-scope.ts";
import { beginMatching } from "./routes/regex-meter.ts";

/** Compiles the configuration of one place into what judges and routes its requests. */
export function createPlanner(options: PlannerOptions): Planner {
  return new ScopePlanner(options);
}

class ScopePlanner implements Planner {
  readonly #options: PlannerOptions;
  readonly #places: Places;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#places = compilePlaces(options);
  }

  plan(request: HttpRequest, peer: Peer, body: BodyPeek): RequestPlan | Promise<RequestPlan> {
    try {
      const draft = this.#draft(request, peer);
      const planned = draft instanceof Draft ? this.#judge(draft, body) : draft;
      return planned instanceof Promise ? planned.catch(() => this.#defect(request)) : planned;
    } catch {
      return this.#defect(request);
    }
  }

  judgeAgain(request: HttpRequest, peer: Peer): Verdict | Promise<Verdict> {
    try {
      const draft = this.#draft(request, peer);
      const verdict = draft instanceof Draft ? this.#places.of(draft).gate.passAgain(draft) : draft;
      return verdict instanceof Promise ? verdict.catch(() => this.#defect(request)) : verdict;
    } catch {
      return this.#defect(request);
    }
  }

  /** Something went wrong in here: the request is refused, whatever was found out about it. */
  #defect({ target }: HttpRequest): ReplyPlan {
    const { port, service } = this.#places.place;
    return {
      kind: "reply",
      reply: localReplies.internal,
      refusal: undefined,
      delayMs: 0,
      path: target,
      port,
      service,
      route: undefined,
      rule: undefined,
      decision: undefined,
      shadow: undefined,
      audited: [],
      token: undefined,
    };
  }

  /** What can be judged at all. */
  #draft(request: HttpRequest, peer: Peer): Draft | ReplyPlan {
    const { target } = request;
    const { place } = this.#places;
    const normalized = target === "*" ? asterisk : normalizePath(target, this.#options.config.pathNormalization);
    const draft = new Draft(request, peer, callerOf(peer), place, normalized ?? { path: target, query: "" });
    if (request.method === "CONNECT" && request.upgrade === undefined) {
      return draft.reply(localReplies.connectNotAllowed);
    }
    return normalized === undefined ? draft.reply(localReplies.badPath) : draft;
  }

  #judge(draft: Draft, body: BodyPeek): RequestPlan | Promise<RequestPlan> {
    const rules = this.#places.of(draft);
    const verdict = rules.gate.pass(draft, body);
    return verdict instanceof Promise
      ? verdict.then((refused) => refused ?? this.#route(rules, draft))
      : (verdict ?? this.#route(rules, draft));
  }

  #route({ route }: PlaceRules, draft: Draft): RequestPlan {
    beginMatching();
    return route(draft, this.#options.random);
  }
}

const asterisk = { path: "*", query: "" };
