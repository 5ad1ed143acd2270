import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { readZipEntry } from './zip-entry.ts';

type Planted = { readonly name: string; readonly content: Buffer; readonly method: 0 | 8 | 9 };

/** A zip archive as other tools write it: local headers and data, the directory, its end record with a comment. */
function aZip(entries: readonly Planted[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, method } of entries) {
    const data = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(content), 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    directory.push(central, Buffer.from(name));
    const written = Buffer.concat([local, Buffer.from(name), Buffer.from('more'), data]);
    parts.push(written);
    at += written.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end, Buffer.from('a comment')]);
}

const TEXT = Buffer.from('what the entry holds, what the entry holds');

test('[HOU20] stored and compressed entries are read', () => {
  const archive = aZip([
    { name: 'folder/', content: Buffer.alloc(0), method: 0 },
    { name: 'stored', content: TEXT, method: 0 },
    { name: 'folder/small', content: TEXT, method: 8 },
  ]);
  assert.deepEqual([readZipEntry(archive, 'stored'), readZipEntry(archive, 'folder/small')], [TEXT, TEXT]);
});

test('[HOU20] what is missing or damaged is an error that names the entry', () => {
  const archive = aZip([
    { name: 'stored', content: TEXT, method: 0 },
    { name: 'small', content: TEXT, method: 8 },
    { name: 'odd', content: TEXT, method: 9 },
  ]);
  assert.throws(() => readZipEntry(archive, 'other'), /Cannot read "other" from the archive: it holds no such entry/);
  assert.throws(() => readZipEntry(archive, 'odd'), /"odd" from the archive: compression method is 9/);
  archive[archive.indexOf(TEXT)] = 0;
  assert.throws(() => readZipEntry(archive, 'stored'), /"stored" from the archive: its checksum is wrong/);
  archive.fill(0xff, archive.indexOf('small') + 9, archive.indexOf('small') + 12);
  assert.throws(() => readZipEntry(archive, 'small'), /"small" from the archive: its data is damaged/);
  assert.throws(() => readZipEntry(Buffer.from('no zip at all, but long enough'), 'x'), /it has no directory/);
});
