/** Writes rule sets and changes of them as batches for `nft -f`, each of which the kernel takes as a whole or not at all. */
import type { Element } from './elements.ts';
import type { RuleChange, RuleSet } from './rule-set.ts';
import { chainText, skeletonText, tableName, type NodeTable } from './skeleton.ts';

/** Replaces whatever table of the cluster there is; `clients` are remembered in the new one. */
export function replaceText(node: NodeTable, rules: RuleSet, clients: readonly Element[] = []): string {
  const name = tableName(node.clusterId);
  const table = `table ip ${name}`;
  const chains = rules.chains.map((chain) => chainText(chain, node.podCidr)).join('\n');
  return [
    table, // so that there is one to delete
    `delete ${table}`,
    skeletonText(node),
    `${table} {\n${chains}\n}`,
    ...elementLines('add', name, rules.elements),
    ...elementLines('add', name, clients),
    '',
  ].join('\n');
}

/**
 * Changes the table that is there, in batches to be given to the kernel one after the other. New chains go first: a packet that is under
 * way while a batch takes effect sees its new elements already but its new chains still empty, and would go untranslated.
 */
export function changeTexts(node: NodeTable, change: RuleChange): readonly string[] {
  const name = tableName(node.clusterId);
  const chains = change.addChains.map((chain) => chainText(chain, node.podCidr));
  const rest = [
    ...elementLines('delete', name, change.removeElements),
    ...elementLines('add', name, change.addElements),
    ...change.removeChains.flatMap((chain) => [`flush chain ip ${name} ${chain}`, `delete chain ip ${name} ${chain}`]),
  ];
  return [chains.length === 0 ? [] : [`table ip ${name} {`, ...chains, '}'], rest]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`);
}

export function deleteText(clusterId: string): string {
  const table = `table ip ${tableName(clusterId)}`;
  return `${table}\ndelete ${table}\n`;
}

function elementLines(verb: 'add' | 'delete', table: string, elements: readonly Element[]): readonly string[] {
  const byMap = Map.groupBy(elements, ({ map }) => map);
  return [...byMap].map(([map, members]) => {
    const texts = members.map(({ key, value }) => (value === '' || verb === 'delete' ? key : `${key} : ${value}`));
    return `${verb} element ip ${table} ${map} { ${texts.join(', ')} }`;
  });
}
