/** What can be wrong with an expression: before it runs, with its place, or while it runs. */

/** The text is no expression, or says something that nothing is known of. Laid out as upstream lays it out. */
export class CelSyntaxError extends Error {
  override readonly name = 'CelSyntaxError';

  constructor(source: string, at: number, message: string) {
    const before = source.slice(0, at);
    const line = before.split('\n').length;
    const column = at - (before.lastIndexOf('\n') + 1);
    const text = source.split('\n')[line - 1] ?? '';
    super(`ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`);
  }
}

/** The expression cannot be worked out for the values that it was given. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export const noSuchOverload = (): CelError => new CelError('no such overload');
export const noSuchKey = (key: string): CelError => new CelError(`no such key: ${key}`);
