/** Tests of reading ELF files, on the Node that runs them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { decodeElfNeeds } from './elf.ts';

test('[IMG20] a dynamic program tells its interpreter and libraries', async () => {
  const needs = decodeElfNeeds(await readFile(process.execPath));
  assert.match(needs?.interpreter ?? '', /^\/lib(64)?\/ld-linux-.*\.so\.\d$/);
  assert.ok(needs?.libraries.includes('libc.so.6'));
});

test('[IMG20] every other file tells none', () => {
  assert.equal(decodeElfNeeds(Buffer.from('#!/bin/sh\n')), undefined);
  assert.equal(decodeElfNeeds(Buffer.alloc(0)), undefined);
  const other = Buffer.alloc(64);
  other.write('\u007fELF\u0001\u0001', 'latin1'); // 32 bit
  assert.equal(decodeElfNeeds(other), undefined);
});
