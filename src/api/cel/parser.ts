/** Reads expressions: from the operators that bind loosest down to names and literals. */
import type { Expression } from './ast.ts';
import { CelSyntaxError } from './error.ts';
import { tokensOf, type Token } from './lexer.ts';
import { expandMacro } from './macros.ts';

// Deeper than anybody writes, and shallow enough for the stack.
const DEEPEST = 250;

const RESERVED = new Set(
  'as break const continue else for function if import in let loop namespace package return var void while'.split(' '),
);

const RELATIONS = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);
const SUMS = new Set(['+', '-']);
const PRODUCTS = new Set(['*', '/', '%']);
const LARGEST_INT = 2n ** 63n;

export function parseExpression(source: string): Expression {
  const parser = new Parser(source);
  return parser.parse();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokensOf(source);
  }

  parse(): Expression {
    const expression = this.#expression();
    if (this.#token.kind !== 'end') throw this.#unexpected('<EOF>');
    return expression;
  }

  get #token(): Token {
    const token = this.#tokens[this.#position];
    if (token === undefined) throw new RangeError('Cannot read past the end of an expression');
    return token;
  }

  /** The next sign or word, if it is one of these. */
  #take(accepts: (text: string) => boolean): (Token & { readonly text: string }) | undefined {
    const token = this.#token;
    if (token.kind === 'literal' || token.kind === 'end' || !accepts(token.text)) return undefined;
    this.#position++;
    return token;
  }

  #sign(text: string): boolean {
    return this.#take((found) => found === text) !== undefined;
  }

  #expect(text: string): void {
    if (!this.#sign(text)) throw this.#unexpected(`'${text}'`);
  }

  #unexpected(expected: string): CelSyntaxError {
    const token = this.#token;
    const next = this.#tokens[this.#position + 1]?.at ?? this.#source.length;
    const found = token.kind === 'end' ? '<EOF>' : this.#source.slice(token.at, next).trim();
    return this.#error(token.at, `Syntax error: mismatched input '${found}' expecting ${expected}`);
  }

  #error(at: number, message: string): CelSyntaxError {
    return new CelSyntaxError(this.#source, at, message);
  }

  #expression(): Expression {
    if (++this.#depth > DEEPEST) throw this.#error(this.#token.at, `expression recursion limit exceeded: ${DEEPEST}`);
    const condition = this.#either();
    const { at } = this.#token;
    let expression = condition;
    if (this.#sign('?')) {
      const met = this.#either();
      this.#expect(':');
      expression = { kind: 'choice', condition, met, otherwise: this.#expression(), at };
    }
    this.#depth--;
    return expression;
  }

  #either(): Expression {
    let left = this.#both();
    for (
      let token = this.#take((text) => text === '||');
      token !== undefined;
      token = this.#take((text) => text === '||')
    )
      left = { kind: 'either', left, right: this.#both(), at: token.at };
    return left;
  }

  #both(): Expression {
    let left = this.#relation();
    for (
      let token = this.#take((text) => text === '&&');
      token !== undefined;
      token = this.#take((text) => text === '&&')
    )
      left = { kind: 'both', left, right: this.#relation(), at: token.at };
    return left;
  }

  #relation(): Expression {
    return this.#operators(RELATIONS, () =>
      this.#operators(SUMS, () => this.#operators(PRODUCTS, () => this.#unary())),
    );
  }

  #operators(signs: ReadonlySet<string>, operand: () => Expression): Expression {
    let left = operand();
    for (
      let token = this.#take((text) => signs.has(text));
      token !== undefined;
      token = this.#take((text) => signs.has(text))
    )
      left = { kind: 'call', name: token.text, target: undefined, parameters: [left, operand()], at: token.at };
    return left;
  }

  #unary(): Expression {
    const token = this.#take((text) => text === '!' || text === '-');
    if (token === undefined) return this.#member();
    if (++this.#depth > DEEPEST) throw this.#error(token.at, `expression recursion limit exceeded: ${DEEPEST}`);
    const operand = this.#unary();
    this.#depth--;
    // The least integer has no positive counterpart: it is read together with its sign.
    const isNumber =
      operand.kind === 'literal' && (typeof operand.value === 'bigint' || typeof operand.value === 'number');
    if (token.text === '-' && isNumber)
      return { ...operand, value: negated(operand.value as bigint | number), at: token.at };
    return {
      kind: 'call',
      name: token.text === '-' ? 'negate' : '!',
      target: undefined,
      parameters: [operand],
      at: token.at,
    };
  }

  #member(): Expression {
    let operand = this.#primary();
    for (;;) {
      const { at } = this.#token;
      const token = this.#take((text) => text === '.' || text === '.?' || text === '[' || text === '[?');
      if (token === undefined) return this.#withinRange(operand);
      if (token.text.startsWith('[')) {
        const index = this.#expression();
        this.#expect(']');
        operand = { kind: 'index', operand, index, isOptional: token.text === '[?', at };
      } else operand = this.#selection(operand, token.text === '.?', at);
    }
  }

  #withinRange(operand: Expression): Expression {
    const isTooLarge = operand.kind === 'literal' && operand.value === LARGEST_INT;
    const before = this.#tokens[this.#position - 2];
    const isNegated = before?.kind === 'sign' && before.text === '-';
    if (isTooLarge && !isNegated) throw this.#error(operand.at, 'invalid int literal');
    return operand;
  }

  #selection(operand: Expression, isOptional: boolean, at: number): Expression {
    const field = this.#name();
    const opening = this.#token.at;
    if (isOptional || !this.#sign('(')) return { kind: 'select', operand, field, isOptional, at };
    const parameters = this.#list(')', () => this.#expression());
    return this.#call({ name: field, target: operand, parameters, at: opening });
  }

  #call(call: Omit<Extract<Expression, { kind: 'call' }>, 'kind'>): Expression {
    return expandMacro(call, (at, message) => this.#error(at, message)) ?? { kind: 'call', ...call };
  }

  #name(): string {
    const token = this.#token;
    if (token.kind !== 'name') throw this.#unexpected('IDENTIFIER');
    this.#position++;
    return token.text;
  }

  #list<T>(closing: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.#sign(closing)) {
      items.push(item());
      if (this.#sign(',')) continue;
      this.#expect(closing);
      break;
    }
    return items;
  }

  #primary(): Expression {
    const token = this.#token;
    const { at } = token;
    if (token.kind === 'literal') {
      this.#position++;
      return { kind: 'literal', value: token.value, at };
    }
    if (this.#sign('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#sign('[')) return { kind: 'list', items: this.#list(']', () => this.#expression()), at };
    if (this.#sign('{')) return { kind: 'map', entries: this.#list('}', () => this.#entry()), at };
    this.#sign('.'); // a name from the outermost scope, of which there is one
    return this.#named(at);
  }

  #entry(): readonly [Expression, Expression] {
    const key = this.#expression();
    this.#expect(':');
    return [key, this.#expression()];
  }

  #named(at: number): Expression {
    if (this.#token.kind !== 'name') throw this.#unexpected('an expression');
    const name = this.#name();
    if (RESERVED.has(name)) throw this.#error(at, `Syntax error: reserved identifier: ${name}`);
    const opening = this.#token.at;
    if (!this.#sign('(')) return { kind: 'name', name, at };
    const parameters = this.#list(')', () => this.#expression());
    return this.#call({ name, target: undefined, parameters, at: opening });
  }
}

function negated(value: bigint | number): bigint | number {
  return typeof value === 'bigint' ? -value : -value;
}
