/** Reads YAML from strangers: without aliases, and telling every key that stands twice in its mapping. */
import { type Event, EVENT_ID, getScalarValue, load, parseEvents, YAMLException } from 'js-yaml';
import { badRequestError } from '#api/errors';
import { DecodeError } from '#api/schema/decode-error';
import { parseJson } from '#api/schema/json-text';
import { YAML_BODY_SCHEMA } from './yaml-schema.ts';

export type ParsedYaml = {
  /** Of keys that stand twice, the last one counts. */
  readonly value: unknown;
  /** What strict eyes find wrong with it, in upstream's words; nothing if all is well. */
  readonly findings: readonly string[];
};

// A few aliases expand to gigabytes.
const OPTIONS = { schema: YAML_BODY_SCHEMA, maxAliases: 0 };
const DUPLICATED_KEY = 'duplicated mapping key';
// As many as upstream reports of anything.
const MAX_DUPLICATES = 100;

// Below this, no text can keep anybody waiting.
const LARGE = 64 * 1024;
// Keys, values, and beginnings and ends of what holds them: a large definition has some ten thousand.
const MAX_NODES = 100_000;

export function parseYaml(text: string): ParsedYaml {
  const json = parseAsJson(text);
  if (json !== undefined) return { value: json.value, findings: [] };
  try {
    if (text.length > LARGE) requireBounded(text);
    return { value: load(text, OPTIONS), findings: [] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason === DUPLICATED_KEY) return parseDuplicated(text);
    throw unreadable(error);
  }
}

/** Taking text apart costs a third of building what it says. */
function requireBounded(text: string): void {
  if (parseEvents(text, {}).length <= MAX_NODES) return;
  throw badRequestError(`error converting YAML to JSON: yaml: too many nodes: limit is ${MAX_NODES}`);
}

/** What kubectl calls YAML is JSON, which is read many times faster. What is wrong with other text, YAML says in its own words. */
function parseAsJson(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const { value, duplicateFields } = parseJson(text);
    return duplicateFields.length === 0 ? { value } : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function parseDuplicated(text: string): ParsedYaml {
  try {
    const value = load(text, { ...OPTIONS, json: true });
    const lines = duplicatedKeys(text).map(
      ({ line, key }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`,
    );
    return { value, findings: [['yaml: unmarshal errors:', ...lines].join('\n')] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw unreadable(error);
  }
}

const unreadable = ({ message }: YAMLException): Error =>
  badRequestError(`error converting YAML to JSON: yaml: ${message}`);

type Duplicated = { readonly line: number; readonly key: string };

/** A collection that is being read; `keys` is undefined for one that has none. */
type Frame = { readonly keys: Set<string> | undefined; nextIsKey: boolean };

function duplicatedKeys(text: string): readonly Duplicated[] {
  const found: Duplicated[] = [];
  const frames: Frame[] = [];
  const lines = new LineCounter(text);
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_ID.POP) {
      frames.pop();
      continue;
    }
    const key = duplicateOf(text, event, frames.at(-1));
    if (key !== undefined) found.push({ key, line: lines.lineOf(event) });
    if (found.length >= MAX_DUPLICATES) break;
    enter(frames, event);
  }
  return found;
}

/** The key that stands here, if it has stood in its mapping before. */
function duplicateOf(text: string, event: Event, frame: Frame | undefined): string | undefined {
  if (frame?.keys === undefined) return undefined;
  const isKey = frame.nextIsKey;
  frame.nextIsKey = !isKey;
  if (!isKey || event.type !== EVENT_ID.SCALAR) return undefined;
  const key = getScalarValue(text, event);
  const isNew = !frame.keys.has(key);
  frame.keys.add(key);
  return isNew ? undefined : key;
}

/** Counts lines forwards, each once: the text may be long, and have many keys that stand twice. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #next: number;

  constructor(text: string) {
    this.#text = text;
    this.#next = text.indexOf('\n');
  }

  lineOf(event: Event): number {
    const start = 'valueStart' in event ? event.valueStart : 0;
    while (this.#next !== -1 && this.#next < start) {
      this.#line += 1;
      this.#next = this.#text.indexOf('\n', this.#next + 1);
    }
    return this.#line;
  }
}

function enter(frames: Frame[], { type }: Event): void {
  if (type === EVENT_ID.MAPPING) frames.push({ keys: new Set(), nextIsKey: true });
  else if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.DOCUMENT) frames.push({ keys: undefined, nextIsKey: false });
}
