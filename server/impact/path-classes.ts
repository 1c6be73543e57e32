/** Paths that no rule can tell apart are judged once. Pure. */

import { parseStringMatch, stringTest } from "@/mesh-runtime/policy/match-string.ts";
import { isPathTemplate, parsePathTemplate } from "@/mesh-runtime/policy/path-template.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** A value in place of an identifier that traffic was remembered without. */
const neutral = "7031";
const instancesMax = 64;

type Test = (path: string) => boolean;

/** All values that policies and routes compare paths with. */
function patternsOf({ objects }: Inventory): { exact: string[]; others: { value: string; test: Test }[] } {
  const exact: string[] = [];
  const others: { value: string; test: Test }[] = [];
  const add = (value: string): void => {
    const template = isPathTemplate(value) ? parsePathTemplate(value) : undefined;
    if (template !== undefined) {
      others.push({ value, test: (path) => template.matches(path, false) });
    } else if (value.startsWith("*") || value.endsWith("*")) {
      others.push({ value, test: stringTest(parseStringMatch(value)) });
    } else {
      exact.push(value);
    }
  };
  for (const { spec } of objects.authorizationPolicies) {
    for (const { to, when } of spec?.rules ?? []) {
      for (const { operation } of to ?? []) {
        for (const value of [...(operation?.paths ?? []), ...(operation?.notPaths ?? [])]) {
          add(value);
        }
      }
      for (const { key, values, notValues } of when ?? []) {
        if (key === "request.path") {
          [...(values ?? []), ...(notValues ?? [])].forEach(add);
        }
      }
    }
  }
  const uses = (type: string | undefined, value: string): void => {
    exact.push(value);
    if (type !== "Exact") {
      const prefix = value.endsWith("/") ? value.slice(0, -1) : value;
      others.push({ value: `${prefix}/*`, test: (path) => path.startsWith(`${prefix}/`) });
      others.push({ value: `${prefix}*`, test: (path) => path.startsWith(prefix) });
    }
  };
  for (const { spec } of objects.routes) {
    for (const { path } of (spec?.rules ?? []).flatMap(({ matches }) => matches ?? [])) {
      uses(path?.type, path?.value ?? "/");
    }
  }
  for (const { spec } of objects.virtualServices) {
    for (const { uri } of (spec?.http ?? []).flatMap(({ match }) => match ?? [])) {
      const value = uri?.exact ?? uri?.prefix;
      if (value !== undefined) {
        uses(uri?.exact === undefined ? "Prefix" : "Exact", value);
      }
    }
  }
  return { exact, others };
}

const expressions = ({ objects }: Inventory): boolean =>
  objects.routes.some(({ spec }) =>
    (spec?.rules ?? []).some(({ matches }) => matches?.some(({ path }) => path?.type === "RegularExpression")),
  ) ||
  objects.virtualServices.some(({ spec }) =>
    (spec?.http ?? []).some(({ match }) => match?.some(({ uri }) => uri?.regex !== undefined)),
  );

export interface PathClass {
  readonly id: number;
  /** Paths that stand for the class; several where a remembered path stands for many, which rules may tell apart. */
  readonly instances: readonly string[];
}

/** Sorts paths (templates as telemetry remembers them) by what the rules of some states make of them. */
export class PathClasses {
  readonly #exact: ReadonlySet<string>;
  readonly #others: readonly { readonly value: string; readonly test: Test }[];
  /** With expressions about, every path is a class of its own. */
  readonly #apart: boolean;
  readonly #classes = new Map<string, PathClass>();

  constructor(states: readonly Inventory[]) {
    const patterns = states.map(patternsOf);
    this.#exact = new Set(patterns.flatMap(({ exact }) => exact));
    this.#others = [...new Map(patterns.flatMap(({ others }) => others).map((other) => [other.value, other])).values()];
    this.#apart = states.some(expressions);
  }

  of(path: string): PathClass {
    const instances = this.#instances(path);
    const signature = this.#apart ? path : instances.map((instance) => this.#signature(instance)).join("|");
    let found = this.#classes.get(signature);
    if (found === undefined) {
      found = { id: this.#classes.size, instances };
      this.#classes.set(signature, found);
    }
    return found;
  }

  #signature(path: string): string {
    let text = this.#exact.has(path) ? path : "";
    for (let index = 0; index < this.#others.length; index++) {
      if (this.#others[index]?.test(path) === true) {
        text += `,${index}`;
      }
    }
    return text;
  }

  /** The path itself; for a template one of each kind that a rule could pick out of it. */
  #instances(path: string): string[] {
    if (!/\{(?:id|other)\}|\/…$/.test(path)) {
      return [path];
    }
    const anything = path === "{other}";
    const made = new Set([anything ? `/${neutral}` : fill(path)]);
    const form = anything ? /^\// : formOf(path);
    for (const value of this.#exact) {
      if (form.test(value)) {
        made.add(value);
      }
    }
    for (const { value } of this.#others) {
      const instance = anything ? value.replaceAll(/\{\*{1,2}\}|\*/g, neutral) : instanceOf(path, value);
      if (instance !== undefined && form.test(instance)) {
        made.add(instance);
      }
    }
    return [...made].slice(0, instancesMax);
  }
}

const fill = (template: string): string => template.replaceAll("{id}", neutral).replace(/…$/, neutral);

const formOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split("{id}")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      // Only what has a digit is remembered as an identifier.
      .join("[^/]*[0-9][^/]*")
      .replace(/…$/, ".*")}$`,
  );

/** A path of the template's form that the pattern matches, when there is one; may be another when there is none. */
function instanceOf(template: string, pattern: string): string | undefined {
  const segments = template.replace(/…$/, neutral).split("/");
  const wanted = pattern.split("/");
  const fromEnd = pattern.startsWith("*");
  const offset = fromEnd ? segments.length - wanted.length : 0;
  return segments
    .map((segment, index) => {
      const want = wanted[index - offset];
      if (segment !== "{id}") {
        return segment;
      }
      return want === undefined || want === "{*}" || want === "{**}" ? neutral : want.replaceAll("*", "1") || neutral;
    })
    .join("/");
}
