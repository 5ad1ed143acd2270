/** The rows of docs/conformance.tsv: behaviours of Kubernetes' own conformance tests, and what proves each here. */

export type Proof = {
  /** A rule of docs/spec. */
  readonly rule: string;
  /** Which of several cases of its test is meant, such as a kind: `apps/v1/deployments`. */
  readonly kase?: string;
};

export type State = 'covered' | 'left' | 'excluded';

export type Row = {
  readonly group: string;
  readonly name: string;
  readonly proofs: readonly Proof[];
  readonly state: State;
  /** Why it is not covered. */
  readonly reason: string;
};

export type Rows = { readonly rows: readonly Row[]; readonly problems: readonly string[] };

const HEADER = 'group\trow\tproofs\topen';
// A row that is left out on purpose; any other reason is one why it is not covered yet.
const EXCLUDED = 'excluded: ';

/** Reads the list; a line that is no row is told in `problems`. */
export function parseRows(text: string): Rows {
  const [header, ...lines] = text.split('\n').filter((line) => line !== '');
  const rows: Row[] = [];
  const problems: string[] = [];
  if (header !== HEADER)
    problems.push(`Cannot read the list: its first line is "${header ?? ''}", expected "${HEADER}"`);
  for (const [index, line] of lines.entries()) {
    const row = parseRow(line.split('\t'));
    if (typeof row === 'string') problems.push(`line ${index + 2}: ${row}`);
    else if (rows.some(({ name }) => name === row.name))
      problems.push(`line ${index + 2}: "${row.name}" is there twice`);
    else rows.push(row);
  }
  if (rows.length === 0) problems.push('Cannot count rows: the list has none');
  return { rows, problems };
}

function parseRow(cells: readonly string[]): Row | string {
  const [group = '', name = '', proofs = '', open = ''] = cells;
  if (cells.length !== 4 || group === '' || name === '') return 'has not four columns, the first two filled';
  const proven = proofs.split(' ').filter((word) => word !== '');
  const parsed = { group, name, proofs: proven.map(parseProof) };
  if (open !== '') return { ...parsed, ...parseOpen(open) };
  return proven.length > 0 ? { ...parsed, state: 'covered', reason: '' } : `"${name}" is neither proven nor open`;
}

function parseOpen(text: string): Pick<Row, 'state' | 'reason'> {
  const excluded = text.startsWith(EXCLUDED);
  return { state: excluded ? 'excluded' : 'left', reason: excluded ? text.slice(EXCLUDED.length) : text };
}

function parseProof(word: string): Proof {
  const [rule = '', kase] = word.split(':');
  return kase === undefined ? { rule } : { rule, kase };
}

export type Tally = Readonly<Record<State | 'total', number>>;

/** How many rows of each group are in which state, in the order of the list. */
export function tally(rows: readonly Row[]): ReadonlyMap<string, Tally> {
  const groups = Map.groupBy(rows, ({ group }) => group);
  return new Map([...groups].map(([group, members]) => [group, count(members)]));
}

export function count(rows: readonly Row[]): Tally {
  const of = (wanted: State): number => rows.filter(({ state }) => state === wanted).length;
  return { covered: of('covered'), left: of('left'), excluded: of('excluded'), total: rows.length };
}
