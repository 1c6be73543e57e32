/** What a change would do to observed traffic. Pure. */
import type { Impact } from "@/server/contracts/golden-paths.ts";
import { countsEdge, NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { type BeforeAfter, CallJudge } from "./call-judge.ts";
import { CallRows, noRequest } from "./call-rows.ts";
import type { ImpactInput } from "./impact-input.ts";
import { Judge } from "./judge.ts";
import { unknown } from "./judgement.ts";
import { PairIndex } from "./pair-index.ts";
import { PathClasses } from "./path-classes.ts";
import { summarize } from "./summary.ts";

const undecided: BeforeAfter = { before: unknown(""), after: unknown("") };
/** Shapes between two pauses. */
const chunk = 5_000;

/** All at once. */
export function assessImpact(input: ImpactInput): Impact {
  const work = assessInParts(input);
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) {
      return step.value;
    }
  }
}

/**
 * The same in parts of a few milliseconds: whoever drives it pauses at each `yield`, so that nobody waits behind a big
 * preview. Requests that no rule can tell apart are judged once.
 */
export function* assessInParts(input: ImpactInput): Generator<undefined, Impact, undefined> {
  const { shapes } = input;
  const calls = callsOf(input);
  yield;
  const rows = new CallRows(shapes.length);
  for (let index = 0; index < shapes.length; index++) {
    const edge = shapes.edge.values[index] ?? 0;
    const call = calls.ofEdge[edge] ?? -1;
    if (call >= 0) {
      rows.add(call, shapes, index, calls.seesRequests[edge] === 1);
    }
    if (index % chunk === chunk - 1) {
      yield;
    }
  }
  const classes = new PathClasses([input.before, input.after]);
  const classOf = new Uint32Array(shapes.requests.length);
  const classIds = new Map<string, number>();
  for (const [index, { method, path }] of shapes.requests.entries()) {
    const key = `${classes.of(path).id} ${method}`;
    const id = classIds.get(key) ?? classIds.size;
    classIds.set(key, id);
    classOf[index] = id;
    if (index % 500 === 499) {
      yield;
    }
  }
  const judged = new PairIndex(1_024);
  const verdicts: BeforeAfter[] = [];
  const verdictOf = new Uint32Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    const request = rows.request.values[row] ?? noRequest;
    const place = rows.place.values[row] ?? 0;
    const verdict = judged.add(place, request === noRequest ? noRequest : (classOf[request] ?? 0));
    if (verdict === verdicts.length) {
      const { method, path } = shapes.requests[request] ?? { method: "", path: "" };
      const instances = request === noRequest ? [""] : classes.of(path).instances;
      verdicts.push(calls.judges[rows.callOf(row)]?.judge(method, instances, rows.portOf(row)) ?? undecided);
      if (verdict % 20 === 19) {
        yield;
      }
    }
    verdictOf[row] = verdict;
    if (row % chunk === chunk - 1) {
      yield;
    }
  }
  return yield* summarize({ rows, verdicts, verdictOf, requests: shapes.requests, judges: calls.judges }, input);
}

interface Calls {
  readonly judges: readonly CallJudge[];
  /** Index into `judges` of each edge of the columns; -1 for those that do not count. */
  readonly ofEdge: Int32Array;
  /** Whether the reporter of the edge tells method and path where they matter. */
  readonly seesRequests: Uint8Array;
}

function callsOf({ shapes, before, after, trustDomain, concerns, headerShare = () => undefined }: ImpactInput): Calls {
  const finder = new NodeFinder(before);
  const now = new Judge(before, trustDomain, headerShare);
  const then = before === after ? now : new Judge(after, trustDomain, headerShare);
  const judges: CallJudge[] = [];
  const byPair = new Map<string, number>();
  const ofEdge = new Int32Array(shapes.edges.length).fill(-1);
  const seesRequests = new Uint8Array(shapes.edges.length);
  for (const [edge, labels] of shapes.edges.entries()) {
    if (!countsEdge(labels, "-", finder)) {
      continue;
    }
    const from = finder.source(labels);
    const to = finder.destination(labels);
    if (to.kind === "outside" || to.kind === "unknown" || !concerns(from, to)) {
      continue;
    }
    const pair = `${from.id}~${to.id}`;
    let call = byPair.get(pair);
    if (call === undefined) {
      call = judges.length;
      byPair.set(pair, call);
      judges.push(
        new CallJudge(
          now,
          then,
          {
            from,
            to,
            sourceWorkload: labels.source_workload,
            sourceNamespace: labels.source_workload_namespace,
            workload: labels.destination_workload,
            workloadNamespace: labels.destination_workload_namespace,
          },
          headerShare,
        ),
      );
    }
    ofEdge[edge] = call;
    seesRequests[edge] = judges[call]?.judgesRequests === true ? 1 : 0;
  }
  return { judges, ofEdge, seesRequests };
}
