/** Checks the forms of names: each returns what is wrong with a value, in upstream's words, or nothing. */

export type NameCheck = (value: string) => readonly string[];

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;
const WILDCARD_SUBDOMAIN = `\\*\\.${DNS_SUBDOMAIN}`;
const DNS_LABEL_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN_UNDERSCORE = `${DNS_LABEL_UNDERSCORE}(\\.${DNS_LABEL_UNDERSCORE})*`;
const DNS_1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const HTTP_HEADER = '[-A-Za-z0-9]+';
const PERCENT = '[0-9]+%';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
/** Nearly all names that are checked are sound: that costs no memory. */
const NOTHING: readonly string[] = Object.freeze([]);

const isDnsLabel = whole(DNS_LABEL);
const isDnsSubdomain = whole(DNS_SUBDOMAIN);
const isWildcardSubdomain = whole(WILDCARD_SUBDOMAIN);
const isDnsSubdomainUnderscore = whole(DNS_SUBDOMAIN_UNDERSCORE);
const isDns1035Label = whole(DNS_1035_LABEL);
const isQualifiedName = whole(QUALIFIED_NAME);
const isPrefixedName = whole(`${DNS_SUBDOMAIN}/${QUALIFIED_NAME}`);
const isLabelValue = whole(LABEL_VALUE);
const isConfigKey = whole(CONFIG_KEY);
const isHttpHeader = whole(HTTP_HEADER);
const isPercent = whole(PERCENT);
const isPrintableAscii = /^[\x20-\x3c\x3e-\x7e]*$/;

const LABEL_MAX = 63;
const SUBDOMAIN_MAX = 253;

/** The limit counts bytes; texts that are plain ASCII, as nearly all are, need no encoding to be measured. */
export const byteLength = (value: string): number => Buffer.byteLength(value, 'utf8');

const isLonger = (value: string, max: number): boolean => value.length * 3 > max && byteLength(value) > max;

const tooManyCharacters = (max: number): string => `must be no more than ${max} characters`;
const tooManyBytes = (max: number): string => `must be no more than ${max} bytes`;

function mismatch(rule: string, pattern: string, examples: readonly string[]): string {
  const listed = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${listed}regex used for validation is '${pattern}')`;
}

export const inclusiveRange = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

export function checkDnsLabel(value: string): readonly string[] {
  if (value.length <= LABEL_MAX && isDnsLabel.test(value)) return NOTHING;
  const problems: string[] = [];
  if (isLonger(value, LABEL_MAX)) problems.push(tooManyCharacters(LABEL_MAX));
  if (!isDnsLabel.test(value)) problems.push(isDnsSubdomain.test(value) ? 'must not contain dots' : DNS_LABEL_RULE);
  return problems;
}

const DNS_LABEL_RULE = mismatch(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  DNS_LABEL,
  ['my-name', '123-abc'],
);

export function checkDnsSubdomain(value: string): readonly string[] {
  if (value.length <= SUBDOMAIN_MAX && isDnsSubdomain.test(value)) return NOTHING;
  const problems: string[] = [];
  if (isLonger(value, SUBDOMAIN_MAX)) problems.push(tooManyCharacters(SUBDOMAIN_MAX));
  if (!isDnsSubdomain.test(value)) problems.push(DNS_SUBDOMAIN_RULE);
  return problems;
}

const DNS_SUBDOMAIN_RULE = mismatch(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  DNS_SUBDOMAIN,
  ['example.com'],
);

/** A DNS subdomain under which any one label will do: the hosts of an ingress. */
export function checkWildcardSubdomain(value: string): readonly string[] {
  const problems: string[] = [];
  if (isLonger(value, SUBDOMAIN_MAX)) problems.push(tooManyCharacters(SUBDOMAIN_MAX));
  if (!isWildcardSubdomain.test(value)) problems.push(WILDCARD_SUBDOMAIN_RULE);
  return problems;
}

const WILDCARD_SUBDOMAIN_RULE = mismatch(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  WILDCARD_SUBDOMAIN,
  ['*.example.com'],
);

/** As a DNS subdomain, but labels may start with and contain underscores: search paths. */
export function checkDnsSubdomainWithUnderscore(value: string): readonly string[] {
  const problems: string[] = [];
  if (isLonger(value, SUBDOMAIN_MAX)) problems.push(tooManyCharacters(SUBDOMAIN_MAX));
  if (!isDnsSubdomainUnderscore.test(value)) problems.push(DNS_SUBDOMAIN_UNDERSCORE_RULE);
  return problems;
}

const DNS_SUBDOMAIN_UNDERSCORE_RULE = mismatch(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  DNS_SUBDOMAIN_UNDERSCORE,
  ['example.com'],
);

/** The form of service names: they become environment variables and must not start with a digit. */
export function checkDns1035Label(value: string): readonly string[] {
  const problems: string[] = [];
  if (isLonger(value, LABEL_MAX)) problems.push(tooManyCharacters(LABEL_MAX));
  if (!isDns1035Label.test(value)) problems.push(DNS_1035_RULE);
  return problems;
}

const DNS_1035_RULE = mismatch(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  DNS_1035_LABEL,
  ['my-name', 'abc-123'],
);

/** A label key: a name of up to 63 bytes, with an optional DNS subdomain before a slash. */
export function checkQualifiedName(value: string): readonly string[] {
  if (value.length <= LABEL_MAX && (value.includes('/') ? isPrefixedName : isQualifiedName).test(value)) return NOTHING;
  const parts = value.split('/');
  if (parts.length > 2)
    return [
      `a valid label key ${QUALIFIED_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const prefix = parts.length === 2 ? checkPrefix(parts[0] ?? '') : [];
  const name = checkNamePart(parts.at(-1) ?? '');
  return prefix.length === 0 ? name : [...prefix, ...name];
}

const QUALIFIED_NAME_RULE = mismatch(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_NAME,
  ['MyName', 'my.name', '123-abc'],
);

function checkPrefix(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return checkDnsSubdomain(prefix).map((problem) => `prefix part ${problem}`);
}

function checkNamePart(name: string): readonly string[] {
  const problems: string[] = [];
  if (name === '') problems.push('name part must be non-empty');
  else if (isLonger(name, LABEL_MAX)) problems.push(`name part ${tooManyBytes(LABEL_MAX)}`);
  if (!isQualifiedName.test(name)) problems.push(`name part ${QUALIFIED_NAME_RULE}`);
  return problems;
}

export function checkLabelValue(value: string): readonly string[] {
  if (value.length <= LABEL_MAX && isLabelValue.test(value)) return NOTHING;
  const problems: string[] = [];
  if (isLonger(value, LABEL_MAX)) problems.push(tooManyBytes(LABEL_MAX));
  if (!isLabelValue.test(value)) problems.push(LABEL_VALUE_RULE);
  return problems;
}

const LABEL_VALUE_RULE = mismatch(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  ['MyValue', 'my_value', '12345'],
);

export function checkPortName(value: string): readonly string[] {
  const problems: string[] = [];
  if (isLonger(value, 15)) problems.push(tooManyCharacters(15));
  if (!/^[-a-z0-9]+$/.test(value))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)');
  if (value.includes('--')) problems.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

export const checkPortNumber = (port: number): readonly string[] =>
  port >= 1 && port <= 65_535 ? [] : [inclusiveRange(1, 65_535)];

/** Linux user and group ids, as container runtimes take them. */
export const checkUserOrGroupId = (id: number): readonly string[] =>
  id >= 0 && id <= 2_147_483_647 ? [] : [inclusiveRange(0, 2_147_483_647)];

export const checkPercent = (value: string): readonly string[] =>
  isPercent.test(value)
    ? []
    : [mismatch("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, ['1%', '93%'])];

export const checkHttpHeaderName = (value: string): readonly string[] =>
  isHttpHeader.test(value)
    ? []
    : [mismatch("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, ['X-Header-Name'])];

/** Any printable ASCII but `=`, as upstream allows since 1.34. */
export function checkEnvironmentName(value: string): readonly string[] {
  const problems: string[] = [];
  if (value === '') problems.push('environment variable name must be non-empty');
  if (!isPrintableAscii.test(value))
    problems.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return problems;
}

/** A key of a ConfigMap or a Secret: it becomes a file name. */
export function checkConfigKey(value: string): readonly string[] {
  const problems: string[] = [];
  if (isLonger(value, SUBDOMAIN_MAX)) problems.push(tooManyCharacters(SUBDOMAIN_MAX));
  if (!isConfigKey.test(value)) problems.push(CONFIG_KEY_RULE);
  if (value === '.') problems.push("must not be '.'");
  else if (value === '..') problems.push("must not be '..'");
  else if (value.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

const CONFIG_KEY_RULE = mismatch(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  CONFIG_KEY,
  ['key.name', 'KEY_NAME', 'key-name'],
);

/** A name that stands as one segment of a URL path. */
export function checkPathSegment(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/**
 * What is wrong with a `generateName`: a trailing dash is fine, since a suffix follows.
 * As upstream does, the character before the dash goes with it.
 */
export const checkPrefixOf = (check: NameCheck, prefix: string): readonly string[] =>
  check(prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix);
