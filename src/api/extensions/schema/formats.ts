/** The formats of strings that schemas of custom kinds can ask for; a format that is not here asks for nothing. */
import { DurationError, parseGoDuration } from '../../meta/go-duration.ts';
import { ipFamilyOf } from '../../meta/ip.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { compilePattern } from './pattern.ts';

type FormatCheck = (text: string) => boolean;

/** Undefined for a format that nobody knows. Dashes in the name do not count. */
export function formatCheck(format: string): FormatCheck | undefined {
  return FORMATS.get(format.replaceAll('-', ''));
}

const like =
  (pattern: RegExp): FormatCheck =>
  (text) =>
    pattern.test(text);

const uuid = (version: string, variant = '[0-9a-f]'): FormatCheck =>
  like(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'));

const FORMATS: ReadonlyMap<string, FormatCheck> = new Map<string, FormatCheck>([
  ['bsonobjectid', like(/^[0-9a-f]{24}$/i)],
  ['uri', isRequestUri],
  ['email', like(/^(?:[^<>@]* <)?[^\s<>@()[\]\\,;:"]+@[^\s<>@()[\]\\,;:"]+>?$/)],
  ['hostname', isHostname],
  ['ipv4', (text) => ipFamilyOf(withoutLeadingZeros(text)) === 'IPv4'],
  ['ipv6', (text) => text.includes(':') && ipFamilyOf(text) !== undefined],
  ['cidr', isCidr],
  ['mac', like(macPattern())],
  ['uuid', uuid('[0-9a-f]')],
  ['uuid3', uuid('3')],
  ['uuid4', uuid('4', '[89ab]')],
  ['uuid5', uuid('5', '[89ab]')],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', like(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/)],
  ['hexcolor', like(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)],
  ['rgbcolor', isRgbColor],
  ['byte', like(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => checkDnsLabel(text).length === 0],
  ['k8slongname', (text) => checkDnsSubdomain(text).length === 0],
]);

/** Six, eight or twenty bytes, as pairs with colons or dashes or as fours with dots. */
function macPattern(): RegExp {
  const pairs = (count: number, separator: string): string => `(?:[0-9a-f]{2}${separator}){${count - 1}}[0-9a-f]{2}`;
  const fours = (count: number): string => `(?:[0-9a-f]{4}\\.){${count - 1}}[0-9a-f]{4}`;
  const forms = [6, 8, 20].flatMap((bytes) => [pairs(bytes, ':'), pairs(bytes, '-'), fours(bytes / 2)]);
  return new RegExp(`^(?:${forms.join('|')})$`, 'i');
}

/** A path from the root, or anything with a scheme. */
function isRequestUri(text: string): boolean {
  if (text === '' || hasControl(text) || /%(?![0-9a-f]{2})/i.test(text)) return false;
  if (text.startsWith('/')) return true;
  return /^[a-z][a-z0-9+.-]*:\S/i.test(text) && !/^[^/]*:\/\/[^/?#]*[ <>"]/.test(text);
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

const HOSTNAME =
  '^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$';

function isHostname(text: string): boolean {
  if (text.length > 255 || text.split('.').some((label) => label.length > 63)) return false;
  return compilePattern(HOSTNAME).matches(text);
}

function withoutLeadingZeros(text: string): string {
  return text.replaceAll(/(^|\.)0+(?=\d)/g, '$1');
}

/** Bits of the host may be set: `10.1.2.3/8` is a network and an address in it. */
function isCidr(text: string): boolean {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = ipFamilyOf(withoutLeadingZeros(address));
  return family !== undefined && Number(bits) <= (family === 'IPv4' ? 32 : 128);
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = Array.from(digits).reduce(
    (total, digit, index) => total + (10 - index) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return (
    Array.from(digits).reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
  );
}

const CARD =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  if (!CARD.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

function isRgbColor(text: string): boolean {
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)?.slice(1);
  return parts !== undefined && parts.every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0')));
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const match = /^(.{10})t(\d\d):(\d\d):(\d\d)(?:.\d+)?(?:z|[+-]\d\d:\d\d)$/i.exec(text);
  if (match === null) return false;
  const [date = '', hours = '', minutes = '', seconds = ''] = match.slice(1);
  return isDate(date) && hours <= '23' && minutes <= '59' && seconds <= '59';
}

const UNITS = /^(?:ns|nano\w*|us|µs|micro\w*|ms|milli\w*|s|sec\w*|m|min\w*|h|hr|hour\w*|d|day\w*|w|wk|week\w*)$/i;

/** As Go writes durations, or as Scala does: `2 days`. */
function isDuration(text: string): boolean {
  try {
    parseGoDuration(text);
    return true;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    // Begun only where a number begins: a long one must not be tried from each of its digits.
    return [...text.matchAll(/(?<!\d)\d+\s*([A-Za-zµ]+)/g)].some(([, unit = '']) => UNITS.test(unit));
  }
}
