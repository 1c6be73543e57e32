export { compileProgram, type Step } from "../../../common/regex-program.ts";
