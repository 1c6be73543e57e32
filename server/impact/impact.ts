/** What a change would do to observed traffic. Pure. */
import type { Impact } from "@/server/contracts/golden-paths.ts";
import { countsEdge, NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { type BeforeAfter, CallJudge } from "./call-judge.ts";
import { CallRows, type CallsOfEdges, noRequest } from "./call-rows.ts";
import { edgeLabels } from "./edge-names.ts";
import type { ImpactInput } from "./impact-input.ts";
import { Judge } from "./judge.ts";
import { unknown } from "./judgement.ts";
import { PairIndex } from "./pair-index.ts";
import { PathClasses } from "./path-classes.ts";
import { summarize } from "./summary.ts";

const undecided: BeforeAfter = { before: unknown(""), after: unknown("") };
/** Shapes between two pauses. */
const chunk = 5_000;
const noClass = 0xffff_ffff;

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
  const { kinds } = input.shapes;
  const calls = callsOf(input);
  yield;
  const rows = new CallRows(kinds);
  yield* rows.addAll(input.shapes, calls, chunk);
  const classes = new PathClasses([input.before, input.after]);
  const methods = kinds.methods.length;
  const classOfPath = new Uint32Array(kinds.paths.length).fill(noClass);
  const judged = new PairIndex(1_024);
  const verdicts: BeforeAfter[] = [];
  const placeOfVerdict: number[] = [];
  const verdictOf = new Uint32Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    const request = rows.request[row] ?? noRequest;
    const place = rows.place[row] ?? 0;
    let asked = noRequest;
    if (request !== noRequest) {
      const path = kinds.requestPath.values[request] ?? 0;
      let pathClass = classOfPath[path] ?? noClass;
      if (pathClass === noClass) {
        pathClass = classes.of(kinds.paths[path] ?? "").id;
        classOfPath[path] = pathClass;
      }
      asked = pathClass * methods + (kinds.requestMethod.values[request] ?? 0);
    }
    const verdict = judged.add(place, asked);
    if (verdict === verdicts.length) {
      const instances = request === noRequest ? [""] : classes.of(kinds.pathOf(request)).instances;
      const method = request === noRequest ? "" : kinds.methodOf(request);
      const judge = calls.judges[rows.callOfPlace(place)];
      verdicts.push(judge?.judge(method, instances, rows.portOfPlace(place)) ?? undecided);
      placeOfVerdict.push(place);
      if (verdict % 20 === 19) {
        yield;
      }
    }
    verdictOf[row] = verdict;
    if (row % chunk === chunk - 1) {
      yield;
    }
  }
  return yield* summarize({ rows, verdicts, placeOfVerdict, verdictOf, kinds, judges: calls.judges }, input);
}

interface Calls extends CallsOfEdges {
  /** `ofEdge` says which of them. */
  readonly judges: readonly CallJudge[];
}

function callsOf({ shapes, before, after, trustDomain, concerns, headerShare = () => undefined }: ImpactInput): Calls {
  const { edges } = shapes.kinds;
  const finder = new NodeFinder(before);
  const now = new Judge(before, trustDomain, headerShare);
  const then = before === after ? now : new Judge(after, trustDomain, headerShare);
  const judges: CallJudge[] = [];
  const byPair = new Map<string, number>();
  const ofEdge = new Int32Array(edges.length).fill(-1);
  const seesRequests = new Uint8Array(edges.length);
  for (const [edge, seen] of edges.entries()) {
    const labels = edgeLabels(seen);
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
