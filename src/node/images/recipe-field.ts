/** Walks the values of a recipe and says in every complaint where in the file it stands. */
import { parse } from 'yaml';
import { ImageBuildError } from './errors.ts';

/** The whole document of a recipe file; throws when it is no YAML. */
export function parseRecipeText(text: string, source: string): Field {
  try {
    return new Field(source, '', parse(text));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ImageBuildError('Recipe', `Cannot read recipe "${source}": ${problem}`, { cause });
  }
}

/** A value of the recipe together with where it stands, so that errors can say so. */
export class Field {
  readonly value: unknown;
  readonly #source: string;
  readonly #path: string;

  constructor(source: string, path: string, value: unknown) {
    this.#source = source;
    this.#path = path;
    this.value = value ?? undefined;
  }

  at(key: string): Field {
    return new Field(this.#source, this.#path === '' ? key : `${this.#path}.${key}`, this.#map()[key]);
  }

  only(keys: readonly string[]): void {
    const unknown = Object.keys(this.#map()).find((key) => !keys.includes(key));
    if (unknown !== undefined) throw this.at(unknown).wrong(`one of ${keys.join(', ')}`, 'is an unknown field');
  }

  items(): readonly Field[] {
    if (this.value === undefined) return [];
    if (!Array.isArray(this.value)) throw this.wrong('a list');
    return this.value.map((value: unknown, index) => new Field(this.#source, `${this.#path}[${index}]`, value));
  }

  list<T>(decode: (field: Field) => T): readonly T[] {
    return this.items().map(decode);
  }

  text(fallback?: string): string {
    const text = this.value ?? fallback;
    if (typeof text !== 'string') throw this.wrong('a text');
    return text;
  }

  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.#map()).map((key) => [key, this.at(key).text()]));
  }

  /** The same field with `{{name}}` replaced in every text below it. */
  filledWith(values: Readonly<Record<string, string>>): Field {
    const fill = (name: string): string => {
      const value = values[name];
      if (value === undefined) throw this.wrong(`a value for {{${name}}} in every variant`, `uses {{${name}}}`);
      return value;
    };
    return new Field(this.#source, this.#path, mapTexts(this.value, fill));
  }

  wrong(expected: string, problem?: string): ImageBuildError {
    const found = problem ?? (this.value === undefined ? 'is missing' : `is ${JSON.stringify(this.value)}`);
    const place = this.#path === '' ? 'the document' : this.#path;
    return new ImageBuildError(
      'Recipe',
      `Cannot read recipe "${this.#source}": ${place} ${found}, expected ${expected}`,
    );
  }

  #map(): Readonly<Record<string, unknown>> {
    if (this.value === undefined) return {};
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) throw this.wrong('a map');
    return this.value as Record<string, unknown>;
  }
}

function mapTexts(value: unknown, fill: (name: string) => string): unknown {
  if (typeof value === 'string') return value.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => fill(name));
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, fill)]));
}
