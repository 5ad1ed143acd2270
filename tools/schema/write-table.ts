/** Writes the schema table as JSON with one field a line, so that a change upstream reads well in a diff. */
import type { MessageEntry, SchemaTable } from '#api/schema/table';

export function writeTable(table: SchemaTable): string {
  const messages = Object.entries(table.messages).map(
    ([name, entry]) => `${JSON.stringify(name)}: ${writeMessage(entry)}`,
  );
  return `{ "messages": {\n${messages.join(',\n')}\n}}\n`;
}

function writeMessage({ fields, ...markers }: MessageEntry): string {
  const lines = Object.entries(fields).map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)}`);
  const head = Object.entries(markers).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}, `);
  return `{ ${head.join('')}"fields": {\n${lines.join(',\n')}\n}}`;
}
