/** Parses a `generated.proto` file into its messages: protobuf names, types and numbers. */

export type ProtoField = {
  readonly name: string;
  readonly number: number;
  /** A scalar's name, or a message's full name without the leading dot. */
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
};

export type ProtoMessage = {
  readonly fullName: string;
  readonly fields: readonly ProtoField[];
};

export type ProtoFile = {
  readonly package: string;
  readonly goPackage: string | undefined;
  readonly messages: readonly ProtoMessage[];
};

const SCALARS = new Set(['string', 'bytes', 'bool', 'int32', 'int64', 'uint32', 'uint64', 'double', 'float']);
const FIELD = /^(optional|repeated) (\.?[\w.]+) (\w+) = (\d+);$/;
const MAP_FIELD = /^map<string, (\.?[\w.]+)> (\w+) = (\d+);$/;

export function parseProto(text: string): ProtoFile {
  const packageName = /^package ([\w.]+);$/m.exec(text)?.[1];
  if (packageName === undefined) throw new Error('Cannot parse proto file: it has no package line');
  const bodies = [...text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)];
  return {
    package: packageName,
    goPackage: /^option go_package = "([^"]+)";$/m.exec(text)?.[1],
    messages: bodies.map(([, name, body = '']) => ({
      fullName: `${packageName}.${name}`,
      fields: fieldLines(body).map((line) => parseField(line, (type) => resolveType(packageName, type))),
    })),
  };
}

function fieldLines(body: string): readonly string[] {
  const lines = body.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('//'));
}

function parseField(line: string, resolve: (type: string) => string): ProtoField {
  const map = MAP_FIELD.exec(line);
  if (map !== null) return { name: map[2]!, number: Number(map[3]), type: resolve(map[1]!), shape: 'map' };
  const field = FIELD.exec(line);
  if (field === null) throw new Error(`Cannot parse proto field "${line}"`);
  const shape = field[1] === 'repeated' ? 'list' : 'one';
  return { name: field[3]!, number: Number(field[4]), type: resolve(field[2]!), shape };
}

function resolveType(packageName: string, type: string): string {
  if (SCALARS.has(type)) return type;
  return type.startsWith('.') ? type.slice(1) : `${packageName}.${type}`;
}
