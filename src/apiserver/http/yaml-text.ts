/** Reads YAML from strangers: without aliases, and telling every key that stands twice in its mapping. */
import { constructFromEvents, type Event, EVENT_ID, getScalarValue, parseEvents, YAMLException } from 'js-yaml';
import { badRequestError } from '#api/errors';
import { DecodeError } from '#api/schema/decode-error';
import { MAX_FIELDS, MAX_VALUES } from '#api/schema/json-bounds';
import { parseJson } from '#api/schema/json-text';
import { YAML_BODY_SCHEMA } from './yaml-schema.ts';

export type ParsedYaml = {
  /** Of keys that stand twice, the last one counts. */
  readonly value: unknown;
  /** What strict eyes find wrong with it, in upstream's words; nothing if all is well. */
  readonly findings: readonly string[];
};

// A few aliases expand to gigabytes. The last of keys that stand twice counts.
const OPTIONS = { schema: YAML_BODY_SCHEMA, maxAliases: 0, json: true };
// As many as upstream reports of anything.
const MAX_DUPLICATES = 100;

/** Takes the text apart once, looks over the parts, and only then builds what they say. */
export function parseYaml(text: string): ParsedYaml {
  const json = parseAsJson(text);
  if (json !== undefined) return { value: json.value, findings: [] };
  try {
    const events = parseEvents(text, {});
    const duplicates = new Survey(text).duplicatesIn(events);
    return { value: onlyOne(constructFromEvents(events, { ...OPTIONS, source: text })), findings: told(duplicates) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw badRequestError(`error converting YAML to JSON: yaml: ${error.message}`);
  }
}

function onlyOne(documents: readonly unknown[]): unknown {
  if (documents.length === 1) return documents[0];
  throw new YAMLException(
    documents.length === 0
      ? 'expected a document, but the input is empty'
      : 'expected a single document in the stream, but found more',
  );
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

type Duplicate = { readonly line: number; readonly key: string };

function told(duplicates: readonly Duplicate[]): readonly string[] {
  if (duplicates.length === 0) return [];
  const lines = duplicates.map(({ line, key }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`);
  return [['yaml: unmarshal errors:', ...lines].join('\n')];
}

/** A collection that is being read; `keys` is undefined for one that has none. */
type Frame = { readonly keys: Set<string> | undefined; nextIsKey: boolean };

/** Goes over the parts of a text: counts the values, and finds keys that stand twice. */
class Survey {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #frames: Frame[] = [];
  readonly #duplicates: Duplicate[] = [];
  #values = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineCounter(text);
  }

  duplicatesIn(events: readonly Event[]): readonly Duplicate[] {
    for (const event of events) {
      if (event.type === EVENT_ID.POP) this.#frames.pop();
      else this.#node(event);
    }
    return this.#duplicates;
  }

  #node(event: Event): void {
    const frame = this.#frames.at(-1);
    if (frame?.keys !== undefined && this.#isKey(frame)) this.#key(event, frame.keys);
    else this.#value();
    this.#enter(event);
  }

  #isKey(frame: Frame): boolean {
    frame.nextIsKey = !frame.nextIsKey;
    return !frame.nextIsKey;
  }

  #value(): void {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw new YAMLException(`too many values: limit is ${MAX_VALUES}`);
  }

  #key(event: Event, keys: Set<string>): void {
    if (event.type !== EVENT_ID.SCALAR) return;
    const key = getScalarValue(this.#text, event);
    if (keys.has(key) && this.#duplicates.length < MAX_DUPLICATES) {
      this.#duplicates.push({ key, line: this.#lines.lineOf(event) });
    }
    keys.add(key);
    if (keys.size > MAX_FIELDS) throw new YAMLException(`too many fields in one object: limit is ${MAX_FIELDS}`);
  }

  #enter({ type }: Event): void {
    if (type === EVENT_ID.MAPPING) this.#frames.push({ keys: new Set(), nextIsKey: true });
    else if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.DOCUMENT) {
      this.#frames.push({ keys: undefined, nextIsKey: false });
    }
  }
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
