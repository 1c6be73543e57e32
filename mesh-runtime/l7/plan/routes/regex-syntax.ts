/** The control plane reads expressions by the same grammar, so that it refuses what a proxy could not match. */
export { type Node, parseRegex, type Regex } from "../../../common/regex-syntax.ts";
