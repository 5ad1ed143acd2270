/** Understands as much of nft's language as our batches use, and refuses what the kernel would refuse. */
import assert from 'node:assert/strict';

type Content = Record<string, Record<string, string>>;
export type NftTable = { load(text: string): void; content(): Readonly<Content> };

const CHAINS = 'chains';

export function anNftTable(): NftTable {
  let content: Content = {};
  return {
    content: () => content,
    load(text) {
      const next = structuredClone(content); // a batch counts as a whole or not at all
      run(text, next);
      // A packet under way sees a batch's new elements with the chains of before; a table made anew has no packets yet.
      const known = text.includes('\ndelete table') ? next : content;
      for (const [map, members] of Object.entries(next)) {
        for (const [key, verdict] of Object.entries(members)) {
          const chain = map === CHAINS ? undefined : /^goto (.+)$/.exec(verdict)?.[1];
          assert.ok(
            chain === undefined || (chain in (next[CHAINS] ?? {}) && chain in (known[CHAINS] ?? {})),
            `${map} ${key} goes to no chain: ${verdict}`,
          );
        }
      }
      content = next;
    },
  };
}

function run(text: string, content: Content): void {
  for (const [, name = '', body = ''] of text.matchAll(/^chain (\w+) \{\n([^}]*(?:\{[^}]*\}[^}]*)*)^\}/gm)) {
    (content[CHAINS] ??= {})[name] = body;
  }
  for (const line of text.split('\n')) runLine(line, content);
}

function runLine(line: string, content: Content): void {
  if (line.startsWith('delete table')) {
    const chains = content[CHAINS] ?? {}; // read from this same batch, whose first act is to delete
    for (const map of Object.keys(content)) content[map] = {};
    content[CHAINS] = chains;
  }
  const element = /^(add|delete) element ip \w+ (\w+) \{ (.*) \}$/.exec(line);
  if (element !== null) changeElements(element, content);
  const chain = /^delete chain ip \w+ (\w+)$/.exec(line)?.[1];
  if (chain !== undefined) {
    assert.ok(chain in (content[CHAINS] ?? {}), `no chain ${chain} to delete`);
    delete content[CHAINS]?.[chain];
  }
}

function changeElements([, verb, map = '', list = '']: readonly string[], content: Content): void {
  const members = (content[map] ??= {});
  for (const member of list.split(', ')) {
    const [key = '', value = ''] = member.split(' : ');
    if (verb === 'add') assert.ok(!(key in members), `${map} has ${key}`);
    else assert.ok(key in members, `${map} has no ${key}`);
    if (verb === 'add') members[key] = value;
    else delete members[key];
    if (Object.keys(members).length === 0) delete content[map];
  }
}
