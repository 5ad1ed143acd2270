/** Reads label selectors as clients write them: `app=web,tier in (a, b),!legacy`; refuses the rest in upstream's words. */
import { isInteger, SelectorError, sortedByKey } from './label-selector.ts';
import type { Operator, Requirement, Selector } from './label-selector.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

/** Throws `SelectorError`. */
export function parseSelector(text: string): Selector {
  const parser = new Parser(scan(text));
  return { requirements: sortedByKey(parser.requirements()) };
}

// A run of operator characters splits into its longest known prefixes; words end at space and at operator characters.
const TOKEN = /\s+|==|!=|[=!(),<>]|[^\s=!(),<>]+/g;

function scan(text: string): readonly string[] {
  return (text.match(TOKEN) ?? []).filter((token) => token.trim() !== '');
}

const BINARY = 'in, notin, =, ==, !=, gt, lt';
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['in', 'in'],
  ['notin', 'notin'],
  ['>', 'gt'],
  ['<', 'lt'],
]);

const isWord = (token: string): boolean => token !== '' && !/^(?:==|!=|[=!(),<>])$/.test(token);

class Parser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#peek() !== '') {
      const first = this.#peek();
      if (!isWord(first) && first !== '!')
        throw new SelectorError(`found '${first}', expected: !, identifier, or 'end of string'`);
      found.push(this.#requirement());
      this.#separator();
    }
    return found;
  }

  /** The end of the text reads as an empty token. */
  #peek(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #separator(): void {
    const token = this.#take();
    if (token === '') return;
    if (token !== ',') throw new SelectorError(`found '${token}', expected: ',' or 'end of string'`);
    const next = this.#peek();
    if (!isWord(next) && next !== '!') throw new SelectorError(`found '${next}', expected: identifier after ','`);
  }

  #requirement(): Requirement {
    const negated = this.#peek() === '!';
    if (negated) this.#take();
    const key = this.#take();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    const problems = checkQualifiedName(key);
    if (problems.length > 0) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
    if (negated) return { key, operator: '!', values: [] };
    if (this.#peek() === '' || this.#peek() === ',') return { key, operator: 'exists', values: [] };
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const token = this.#take();
    const operator = OPERATORS.get(token);
    if (operator === undefined) throw unparsable(`found '${token}', expected: ${BINARY}`);
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    checkValues({ key, operator, values });
    return { key, operator, values };
  }

  #exactValue(): string {
    if (this.#peek() === '' || this.#peek() === ',') return '';
    const token = this.#take();
    if (!isWord(token)) throw unparsable(`found '${token}', expected: identifier`);
    return token;
  }

  /** `(a, b)`; an empty place between commas is the empty value. */
  #values(): readonly string[] {
    const open = this.#take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values = new Set<string>();
    let expectsValue = true;
    for (;;) {
      const token = this.#take();
      if (isWord(token) && expectsValue) values.add(token);
      else if (token !== ',' && token !== ')') throw unparsable(`found '${token}', expected: ',' or ')'`);
      else if (expectsValue) values.add('');
      if (token === ')') return [...values].toSorted();
      expectsValue = token === ',';
    }
  }
}

function checkValues({ key, operator, values }: Requirement): void {
  if ((operator === 'gt' || operator === 'lt') && !isInteger(values[0] ?? '')) {
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    throw unparsable(`values[0]: Invalid value: ${JSON.stringify(values[0])}: ${why}`);
  }
  for (const [index, value] of values.entries()) {
    const problems = checkLabelValue(value);
    if (problems.length === 0) continue;
    throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`);
  }
}

function unparsable(why: string): SelectorError {
  return new SelectorError(`unable to parse requirement: ${why}`);
}
