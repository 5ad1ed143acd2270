/** Goes through the items of a list or the keys of a map: `all`, `exists`, `exists_one`, `filter`, `map`. */
import type { Expression, FoldName } from './ast.ts';
import { CelError, noSuchOverload } from './error.ts';
import type { Frame, Run, Scope } from './run.ts';
import { CelMap, isList, type CelValue } from './values.ts';

type Fold = Extract<Expression, { readonly kind: 'fold' }>;
/** What the body says of one item. */
type Ask = (item: CelValue) => CelValue;

type Compile = (expression: Expression, scope: Scope) => Run;

export function compileFold({ name, range, variable, filter, body }: Fold, scope: Scope, compile: Compile): Run {
  const { names = [] } = scope;
  const inner = { ...scope, names: [...names, variable] };
  const over = compile(range, scope);
  const takes = filter && compile(filter, inner);
  const run = compile(body, inner);
  return (frame) => {
    const items = itemsOf(over(frame));
    const within = (part: Run): Ask => asker(part, frame, names.length);
    const taken = takes === undefined ? items : items.filter((item) => truth(within(takes)(item)));
    return FOLDS[name](taken, within(run));
  };
}

function asker(run: Run, frame: Frame, depth: number): Ask {
  return (item) => {
    frame.spend(1);
    frame.locals[depth] = item;
    return run(frame);
  };
}

function itemsOf(value: CelValue): readonly CelValue[] {
  if (value instanceof CelMap) return [...value.keys()];
  if (isList(value)) return value;
  throw noSuchOverload();
}

function truth(value: CelValue): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

const FOLDS: Readonly<Record<FoldName, (items: readonly CelValue[], ask: Ask) => CelValue>> = {
  all: (items, ask) => !decides(items, ask, false),
  exists: (items, ask) => decides(items, ask, true),
  exists_one: (items, ask) => items.filter((item) => truth(ask(item))).length === 1,
  filter: (items, ask) => items.filter((item) => truth(ask(item))),
  map: (items, ask) => items.map(ask),
};

/** Whether an item decides; one that does makes up for those that fail. */
function decides(items: readonly CelValue[], ask: Ask, decisive: boolean): boolean {
  let failure: CelError | undefined;
  for (const item of items) {
    try {
      if (truth(ask(item)) === decisive) return true;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}
