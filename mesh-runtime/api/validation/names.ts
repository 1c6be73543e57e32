/** Forms of names, in the words of k8s.io/apimachinery `util/validation`. Each answers what is wrong, if anything. */

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValueText = `(${qualified})?`;

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const wholeLabel = whole(label);
const wholeSubdomain = whole(subdomain);
const wholeQualified = whole(qualified);
const wholeLabelValue = whole(labelValueText);

const tooLong = (max: number) => `must be no more than ${max} characters`;
const used = (pattern: string) => `regex used for validation is '${pattern}'`;

const labelText = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name', or '123-abc', ${used(label)})`;
const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', ${used(subdomain)})`;
const label1035Text = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', ${used("[a-z]([-a-z0-9]*[a-z0-9])?")})`;
const qualifiedText = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', ${used(qualified)})`;
const qualifiedPairText = `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', ${used(qualified)}) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
const labelValueMessage = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', ${used(labelValueText)})`;

/** RFC 1123 label: names of namespaces, containers, volumes, service ports. */
export function dnsLabel(value: string): string[] {
  const errors = value.length > 63 ? [tooLong(63)] : [];
  if (!wholeLabel.test(value)) {
    errors.push(wholeSubdomain.test(value) ? "must not contain dots" : labelText);
  }
  return errors;
}

/** RFC 1123 subdomain: names of most objects. */
export function dnsSubdomain(value: string): string[] {
  const errors = value.length > 253 ? [tooLong(253)] : [];
  return wholeSubdomain.test(value) ? errors : [...errors, subdomainText];
}

/** RFC 1035 label: names of services. */
export function dns1035Label(value: string): string[] {
  const errors = value.length > 63 ? [tooLong(63)] : [];
  return /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(value) ? errors : [...errors, label1035Text];
}

/** `[prefix/]name`: keys of labels and annotations, finalizers. */
export function qualifiedName(value: string): string[] {
  const parts = value.split("/");
  const errors: string[] = [];
  const name = parts[parts.length - 1] ?? "";
  if (parts.length > 2) {
    return [qualifiedPairText];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") {
      errors.push("prefix part must be non-empty");
    } else {
      errors.push(...dnsSubdomain(prefix).map((text) => `prefix part ${text}`));
    }
  }
  if (name === "") {
    errors.push("name part must be non-empty");
  } else if (name.length > 63) {
    errors.push(`name part ${tooLong(63)}`);
  }
  if (!wholeQualified.test(name)) {
    errors.push(`name part ${qualifiedText}`);
  }
  return errors;
}

export function labelValue(value: string): string[] {
  const errors = value.length > 63 ? [tooLong(63)] : [];
  return wholeLabelValue.test(value) ? errors : [...errors, labelValueMessage];
}

/** Names of container ports. */
export function portName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) {
    errors.push(tooLong(15));
  }
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) {
    errors.push("must contain at least one letter (a-z)");
  }
  if (value.includes("--")) {
    errors.push("must not contain consecutive hyphens");
  }
  if (value.startsWith("-") || value.endsWith("-")) {
    errors.push("must not begin or end with a hyphen");
  }
  return errors;
}

export function portNumber(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}

/** Names of environment variables. */
export function envVarName(value: string): string[] {
  return /^[ -<>-~]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** True for dotted IPv4 and any spelling of IPv6 without a zone. */
export function isIp(value: string): boolean {
  return isIpv4(value) || isIpv6(value);
}

export function isIpv4(value: string): boolean {
  const parts = value.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

export function isIpv6(value: string): boolean {
  const halves = value.split("::");
  if (halves.length > 2 || !value.includes(":")) {
    return false;
  }
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups[groups.length - 1] ?? "";
  const mapped = last.includes(".");
  const hex = mapped ? groups.slice(0, -1) : groups;
  const length = hex.length + (mapped ? 2 : 0);
  return (
    hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) &&
    (!mapped || isIpv4(last)) &&
    (halves.length === 2 ? length < 8 : length === 8)
  );
}

/** Both forms of a network or an address. */
export function isCidr(value: string): boolean {
  const [address, bits, ...rest] = value.split("/");
  if (address === undefined || bits === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) {
    return false;
  }
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}
