/** Parses the struct declarations of Go type files: JSON names, markers and struct tags of every field. */

export type GoField = {
  readonly name: string;
  readonly goType: string;
  readonly embedded: boolean;
  readonly jsonName: string | undefined;
  readonly omitEmpty: boolean;
  readonly protobufNumber: number | undefined;
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
  readonly markers: readonly string[];
};

export type GoStruct = {
  readonly name: string;
  readonly markers: readonly string[];
  readonly fields: readonly GoField[];
};

export type GoPackage = {
  readonly group: string | undefined;
  readonly structs: ReadonlyMap<string, GoStruct>;
  /** Structs declared as another package's struct, such as `type List metav1.List`: the import path and the name there. */
  readonly borrowed: ReadonlyMap<string, { readonly importPath: string; readonly name: string }>;
  /** Last path element of each imported package, by the name the files use for it. */
  readonly imports: ReadonlyMap<string, string>;
  /** Named types that are lists, such as `type Verbs []string`. */
  readonly listTypes: ReadonlySet<string>;
  /** Values of named string types marked `+enum`, by type name. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** String constants by name, for defaults given by reference. */
  readonly constants: ReadonlyMap<string, string>;
};

export function parseGoPackage(files: readonly string[]): GoPackage {
  const text = files.join('\n').replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '');
  return {
    group: /^(?:const|var)?\s*(?:\(\n)?\s*(?:GroupName)\s*(?:string\s*)?=\s*"([^"]*)"/m.exec(text)?.[1],
    structs: parseStructs(text),
    imports: parseImports(text),
    borrowed: parseBorrowed(text),
    listTypes: new Set([...text.matchAll(/^type (\w+) \[\]/gm)].map((match) => match[1]!)),
    enums: parseEnums(text),
    constants: new Map(
      [...text.matchAll(/^\s*(?:const )?(\w+)(?: +[\w.]+)? += "([^"]*)"/gm)].map((match) => [match[1]!, match[2]!]),
    ),
  };
}

// Markers of a type may stand in an earlier comment, apart from the last one by an empty line.
const STRUCT = /((?:^\/\/.*\n|^\n)*)^type (\w+) struct ?\{(\}|\n[\s\S]*?^\})/gm;

function parseStructs(text: string): Map<string, GoStruct> {
  const declared = [...text.matchAll(STRUCT)];
  return new Map(
    declared.map(([, comments = '', name = '', body = '']) => [
      name,
      { name, markers: markersOf(comments.split('\n')), fields: parseFields(body) },
    ]),
  );
}

function markersOf(comments: readonly string[]): string[] {
  return comments.flatMap((line) => /^\s*\/\/\s*\+(.*)$/.exec(line)?.[1] ?? []);
}

function parseFields(body: string): readonly GoField[] {
  const fields: GoField[] = [];
  let comments: string[] = [];
  for (const line of body.split('\n')) {
    if (/^\s*\/\//.test(line)) comments.push(line);
    else {
      const field = parseField(line.trim(), markersOf(comments));
      if (field !== undefined) fields.push(field);
      comments = [];
    }
  }
  return fields;
}

/** Undefined for what is no API field: those always fit the pattern, and a missing one is noticed when joined. */
function parseField(line: string, markers: readonly string[]): GoField | undefined {
  const match = /^(?:(\w+)\s+)?([*\w.[\]{}]+)\s*(?:`([^`]*)`)?(?:\s*\/\/.*)?$/.exec(line);
  const goType = match?.[2];
  if (goType === undefined) return undefined;
  const name = match?.[1];
  return {
    name: name ?? goType.split('.').at(-1)!.replace('*', ''),
    goType,
    embedded: name === undefined,
    markers,
    ...parseTags(match?.[3] ?? ''),
  };
}

type Tags = Pick<GoField, 'jsonName' | 'omitEmpty' | 'protobufNumber' | 'patchStrategy' | 'patchMergeKey'>;

function parseTags(tags: string): Tags {
  const tag = (key: string): string | undefined => new RegExp(`(?:^|\\s)${key}:"([^"]*)"`).exec(tags)?.[1];
  const [jsonName = '', ...options] = (tag('json') ?? '').split(',');
  const number = tag('protobuf')?.split(',')[1];
  return {
    jsonName: jsonName === '' || jsonName === '-' ? undefined : jsonName,
    omitEmpty: options.includes('omitempty') || options.includes('omitzero'),
    protobufNumber: number === undefined ? undefined : Number(number),
    patchStrategy: tag('patchStrategy'),
    patchMergeKey: tag('patchMergeKey'),
  };
}

function parseImports(text: string): Map<string, string> {
  const paths = [...text.matchAll(/^\s*(?:(\w+) )?"([\w./-]+\/[\w./-]+)"$/gm)];
  return new Map(paths.map(([, alias, path]) => [alias ?? path!.split('/').at(-1)!, path!.split('/').at(-1)!]));
}

function parseBorrowed(text: string): GoPackage['borrowed'] {
  const imports = new Map([...text.matchAll(/^\s*(\w+) "([\w./-]+)"$/gm)].map((match) => [match[1]!, match[2]!]));
  const declared = [...text.matchAll(/^type (\w+) (\w+)\.(\w+)$/gm)];
  return new Map(
    declared.flatMap(([, name, alias, there]) => {
      const importPath = imports.get(alias!);
      return importPath === undefined ? [] : [[name!, { importPath, name: there! }] as const];
    }),
  );
}

function parseEnums(text: string): Map<string, readonly string[]> {
  const enums = new Map<string, readonly string[]>();
  for (const declared of text.matchAll(/^\/\/ ?\+enum\n(?:\/\/.*\n)*type (\w+) string/gm)) {
    const name = declared[1]!;
    const constants = new RegExp(`((?:^\\s*//.*\\n)*)^\\s*(?:const )?\\w+\\s+${name}\\s+= "([^"]*)"`, 'gm');
    // What a gate keeps back is nobody's to write until it is let out.
    const open = [...text.matchAll(constants)].filter(([, comment]) => !comment!.includes('+featureGate='));
    const values = open.map(([, , value]) => value!);
    if (values.length > 0) enums.set(name, [...new Set(values)].toSorted());
  }
  return enums;
}
