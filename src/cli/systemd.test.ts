/** The unit that systemd is given, and what systemctl is asked for: a stub stands in for it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { dataDir } from './data-dir.ts';
import { findSystemd, startUnit, stopUnit, type Systemd, unitName, unitText } from './systemd.ts';

const CLUSTER = { id: '0a1b2c3d' };
const UNIT = 'tutti-0a1b2c3d.service';

let folder: string;
let systemd: Systemd;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-systemd-'));
  const systemctl = join(folder, 'systemctl');
  await writeFile(systemctl, `#!/bin/sh\necho "$*" >> '${folder}/calls'\n`);
  await chmod(systemctl, 0o755);
  systemd = { unitDir: join(folder, 'units'), systemctl };
});

beforeEach(async () => {
  await writeFile(join(folder, 'calls'), '');
});

after(async () => {
  await rm(folder, { recursive: true });
});

const calls = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== '');

test('[CLI10] the unit runs the cluster in the foreground, again whenever it ends, and leaves containers alone', () => {
  const lines = unitText(dataDir('/var/lib/tutti'), ['/opt/tutti/tutti']).split('\n');
  for (const line of [
    'ExecStart=/opt/tutti/tutti up --foreground --data-dir /var/lib/tutti',
    'KillMode=process',
    'Delegate=yes',
    'Restart=always',
    'StandardOutput=append:/var/lib/tutti/tutti.log',
    'StandardError=append:/var/lib/tutti/tutti.log',
    'WantedBy=multi-user.target',
  ])
    assert.ok(lines.includes(line), line);
});

test('[CLI10] words that systemd would read otherwise are quoted', () => {
  const text = unitText(dataDir('/srv/my "100%" $HOME\\x'), ['/opt/tutti']);
  assert.match(text, /^ExecStart=\/opt\/tutti up --foreground --data-dir "\/srv\/my \\"100%%\\" \$\$HOME\\\\x"$/m);
});

test('[CLI11] a unit is written, enabled and started; stopping it takes it away', async () => {
  await startUnit(systemd, CLUSTER, 'text');
  const path = join(systemd.unitDir, unitName(CLUSTER));
  assert.equal(await readFile(path, 'utf8'), 'text');
  assert.deepEqual(await calls(), ['daemon-reload', `enable --now ${UNIT}`]);
  assert.equal(await stopUnit(systemd, CLUSTER), true);
  assert.equal(existsSync(path), false);
  assert.deepEqual((await calls()).slice(2), [`disable --now ${UNIT}`, 'daemon-reload']);
});

test('[CLI11] without a unit nothing is asked for', async () => {
  assert.equal(await stopUnit(systemd, { id: 'ffffffff' }), false);
  assert.deepEqual(await calls(), []);
});

test('[CLI11] an ordinary user has no unit of the system', () => {
  assert.equal(findSystemd(1000), undefined);
});
