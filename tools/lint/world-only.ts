/** Finds the uses of real time and chance that a World replaces. */

/** The parts of a syntax tree's node that the house rules look at. */
export type SyntaxNode = {
  readonly type: string;
  readonly async?: boolean;
  readonly importKind?: 'value' | 'type';
  readonly exportKind?: 'value' | 'type';
  readonly name?: string;
  readonly value?: unknown;
  readonly source?: SyntaxNode | null;
  readonly callee?: SyntaxNode;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
  readonly imported?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
  readonly specifiers?: readonly SyntaxNode[];
};

const FUNCTIONS = new Set(['Date', 'setTimeout', 'setInterval']);
const METHODS = new Set(['Date.now', 'Math.random', 'crypto.randomUUID', 'performance.now', 'AbortSignal.timeout']);
const WRAPPERS = /^(globalThis|window|self)\./;
const MODULES = new Set(['node:timers', 'timers', 'node:timers/promises', 'timers/promises', 'node:perf_hooks']);

/** The name of what is used although a World should be, or undefined. */
export function refuseChance(node: SyntaxNode): string | undefined {
  if (node.type === 'ImportDeclaration') return refuseModule(node);
  const called = node.callee === undefined ? '' : nameOf(node.callee).replace(WRAPPERS, '');
  // `new Date(ms)` only converts; `new Date()` asks for the time.
  if (node.type === 'NewExpression')
    return called === 'Date' && node.arguments?.length === 0 ? 'new Date()' : undefined;
  return FUNCTIONS.has(called) || METHODS.has(called) ? called : undefined;
}

function refuseModule(node: SyntaxNode): string | undefined {
  const from = String(node.source?.value);
  if (MODULES.has(from)) return from;
  if (!/^(node:)?crypto$/.test(from)) return undefined;
  return node.specifiers?.some((specifier) => specifier.imported?.name === 'randomUUID') ? 'randomUUID' : undefined;
}

function nameOf(node: SyntaxNode): string {
  if (node.type === 'Identifier') return node.name ?? '';
  if (node.type !== 'MemberExpression' || node.object === undefined || node.property === undefined) return '';
  return `${nameOf(node.object)}.${node.property.name ?? String(node.property.value)}`;
}
