/** Chance for one case, and what hostile inputs are made of. The same seed makes the same case. */
import { seededRandom } from '#base/seeded-random';

export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 up to but without `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  word(): string {
    return this.once(8) ? String.fromCharCode(this.below(0x1_0000)) : this.pick(WORDS);
  }

  /** A text with one to four changes. */
  changed(text: string): string {
    let result = text;
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      const [start, end] = this.#range(result.length);
      const [before, part, after] = [result.slice(0, start), result.slice(start, end), result.slice(end)];
      result = (before + this.#changedPart(part) + after).slice(0, LONGEST);
    }
    return result;
  }

  #changedPart(part: string): string {
    switch (this.below(5)) {
      case 0:
        return '';
      case 1:
        return part + part;
      case 2:
        return part.repeat(Math.min(2 + this.below(MAX_REPEATS), Math.ceil(LONGEST / (part.length + 1))));
      case 3:
        return this.word();
      default:
        return part + this.word();
    }
  }

  /** Mostly short: long ones leave little of the input. */
  #range(length: number): readonly [start: number, end: number] {
    const start = this.below(length + 1);
    return [start, Math.min(length, start + this.below(this.once(8) ? length + 1 : 6))];
  }

  changedBytes(bytes: Buffer): Buffer {
    let result = Buffer.from(bytes);
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      const [start, end] = this.#range(result.length);
      const part = result.subarray(start, end);
      result = Buffer.concat([result.subarray(0, start), this.#changedSlice(part), result.subarray(end)]);
    }
    return result;
  }

  #changedSlice(part: Buffer): Buffer {
    switch (this.below(5)) {
      case 0:
        return Buffer.alloc(0);
      case 1:
        return Buffer.concat(Array.from({ length: 2 + this.below(8) }, () => part));
      case 2:
        return Buffer.from(part.map((byte) => byte ^ (1 << this.below(8))));
      case 3:
        return Buffer.from([this.pick(BYTES)]);
      default:
        return Buffer.concat([part, Buffer.from([this.pick(BYTES), this.below(256)])]);
    }
  }

  /** Any JSON value. */
  json(depth = 4): unknown {
    const kind = this.below(depth === 0 ? 4 : 7);
    if (kind < 2) return this.word();
    if (kind < 4) return this.pick(SCALARS);
    if (kind === 4) return Array.from({ length: this.below(5) }, () => this.json(depth - 1));
    return Object.fromEntries(Array.from({ length: this.below(5) }, () => [this.word(), this.json(depth - 1)]));
  }

  /** A JSON value with one to three parts put in, taken out or replaced; shares what it does not change. */
  changedJson(value: unknown): unknown {
    let result = value;
    for (let left = 1 + this.below(3); left > 0; left -= 1) result = this.#changedOnce(result);
    return result;
  }

  #changedOnce(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.once(6)) return this.json(3);
    const entries = Object.entries(value);
    if (entries.length === 0 || this.once(4)) entries.push([this.word(), this.json(2)]);
    else {
      const at = this.below(entries.length);
      const [key, part] = entries[at] as [string, unknown];
      if (this.once(5)) entries.splice(at, 1);
      else entries[at] = [this.once(8) ? this.word() : key, this.#changedOnce(part)];
    }
    return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
  }
}

const MAX_REPEATS = 60;
// The server reads no body that is longer.
const LONGEST = 3 * 1024 * 1024;

const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  80,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e300,
  5e-324,
  '',
  '1',
  '100m',
  '1Gi',
  '2026-01-01T00:00:00Z',
  'a'.repeat(300),
];

const BYTES = [0, 1, 2, 7, 8, 10, 0x0a, 0x12, 0x1a, 0x22, 0x7f, 0x80, 0xc0, 0xff];

const WORDS: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'toJSON',
  'then',
  'length',
  '$patch',
  'replace',
  'delete',
  'merge',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'apiVersion',
  'kind',
  'metadata',
  'name',
  'namespace',
  'labels',
  'annotations',
  'managedFields',
  'ownerReferences',
  'spec',
  'status',
  'containers',
  'replicas',
  'selector',
  'template',
  'properties',
  'items',
  'additionalProperties',
  'type',
  'object',
  'array',
  'integer',
  'string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'pattern',
  '(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  'enum',
  'default',
  'null',
  'true',
  'NaN',
  '1e309',
  '-0',
  '0644',
  '9007199254740993',
  '9223372036854775808',
  '-9223372036854775809',
  '1'.repeat(40),
  '\u0000',
  '\ud800',
  '\uffff',
  '💥',
  '"',
  "'",
  '\\',
  String.raw`\u0061`,
  String.raw`\ud800`,
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '!!js/function ',
  '|\n',
  '? ',
  '\n',
  '\r\n',
  '\t',
  ' ',
  ' in (',
  ' notin (',
  ')',
  '!',
  '=',
  '==',
  '!=',
  '>',
  '<',
  '~',
  '~0',
  '~1',
  '/',
  '//',
  '/-',
  '..',
  '%',
  '%00',
  '%2f',
  '%e0%a4%a',
  '?',
  '#',
  '&',
  '+',
  ';',
  ';q=0',
  'q=1e9',
  '*/*',
  '.',
  '@',
  '$',
  '-',
  'f:',
  'k:{"name":"a"}',
  'v:1',
  '1Ei',
  '1n',
  '1h',
  '2026-13-01T00:00:00Z',
];
