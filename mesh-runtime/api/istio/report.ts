/** What istiod's webhook finds in one object, and its answer: one complaint as it is, several as Go's multierror. */
import type { AdmissionVerdict } from "../kind.ts";

/** One complaint. `nested` ones make istiod print a list even when they are alone. */
export interface Complaint {
  readonly text: string;
  readonly nested?: boolean;
}

export class Report {
  readonly complaints: Complaint[] = [];
  readonly warnings: string[] = [];

  /** Undefined is no complaint, so that checks can be passed in as they are. */
  refuse(text: string | undefined): void {
    if (text !== undefined) {
      this.complaints.push({ text });
    }
  }

  /** A complaint that stands in a list even when it is alone. */
  refuseListed(text: string): void {
    this.complaints.push({ text, nested: true });
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  /** Takes over the complaints of a part, whose warnings get lost in istiod. */
  addErrors(part: Report): void {
    this.complaints.push(...part.complaints);
  }

  /** A refusal says nothing of warnings. */
  verdict(prefix = ""): AdmissionVerdict {
    return this.complaints.length === 0
      ? { warnings: this.warnings }
      : { warnings: [], refusal: `configuration is invalid: ${listed(this.complaints, prefix)}` };
  }
}

function listed(complaints: readonly Complaint[], prefix: string): string {
  const [first] = complaints;
  if (first !== undefined && complaints.length === 1 && !first.nested) {
    return prefix + first.text;
  }
  const lines = complaints.map(({ text }) => `\t* ${prefix}${text}`).join("\n");
  return `${complaints.length} error${complaints.length === 1 ? "" : "s"} occurred:\n${lines}\n\n`;
}
