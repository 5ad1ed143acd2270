/**
 * Generates the schema table and the TypeScript types from the public interface definitions.
 *
 * Usage: node tools/schema/generate.ts API APIMACHINERY APIEXTENSIONS AGGREGATOR METRICS
 * where each word is a bare git mirror of that repository.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildTable } from './build-table.ts';
import type { ParsedPackage } from './build-table.ts';
import { parseGoPackage } from './go-structs.ts';
import { openMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { isCovered, REPOSITORIES } from './packages.ts';
import { parseProto } from './proto-messages.ts';
import { writeTable } from './write-table.ts';
import { writeTypes } from './write-types.ts';

const API = join(import.meta.dirname, '../../src/api');

function parseMirror(mirror: Mirror): ParsedPackage[] {
  const files = mirror.list();
  const folders = files.filter((path) => path.endsWith('/generated.proto')).map((path) => dirname(path));
  return folders
    .filter((folder) => isCovered({ repository: mirror.repository, folder }))
    .map((folder) => {
      const goFiles = files.filter((path) => dirname(path) === folder && isHandWrittenGo(path));
      return {
        proto: parseProto(mirror.read(`${folder}/generated.proto`)),
        go: parseGoPackage(goFiles.map((path) => mirror.read(path))),
      };
    });
}

function isHandWrittenGo(path: string): boolean {
  return path.endsWith('.go') && !/(_test|generated[\w.]*|generated\.pb)\.go$|\/zz_/.test(path);
}

const mirrors = process.argv.slice(2);
if (mirrors.length !== REPOSITORIES.length) {
  throw new Error(
    `Cannot generate: got ${mirrors.length} mirrors, expected ${REPOSITORIES.length} (${REPOSITORIES.join(', ')})`,
  );
}
const table = buildTable(
  REPOSITORIES.flatMap((repository, index) => parseMirror(openMirror(repository, mirrors[index]!))),
);

writeFileSync(join(API, 'schema/table.generated.json'), writeTable(table));
rmSync(join(API, 'types'), { recursive: true, force: true });
mkdirSync(join(API, 'types'), { recursive: true });
for (const file of writeTypes(table)) writeFileSync(join(API, 'types', `${file.name}.ts`), file.text);
