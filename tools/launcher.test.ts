/** Tests of ./tutti in a made-up installation, with stand-ins for every program that would change the machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../tutti', import.meta.url));
const PINNED = `node_modules/node-linux-${process.arch}/bin/node`;
const DEBIAN_PACKAGES =
  'containerd runc crun containernetworking-plugins nftables iproute2 conntrack busybox-static catatonit';
const PROGRAMS = ['containerd', 'runc', 'crun', 'nft', 'ip', 'conntrack', 'busybox', 'catatonit'];

// Shows what it was started with, so that a test can compare.
// LIBRARY: a file without which it does not start.
const NODE = `#!/bin/sh
if [ -n "\${LIBRARY:-}" ] && [ ! -e "$LIBRARY" ]; then
  echo 'node: error while loading shared libraries: libatomic.so.1: no such file' >&2
  exit 127
fi
[ "$*" = --version ] && exit
printf 'cache=%s\\n' "\${NODE_COMPILE_CACHE:-}"
printf '<%s>' "$@"
exit "\${EXIT_CODE:-0}"
`;
// Behaves like npm install where "npm works", that is: writes down what it installed.
const NPM = `#!/bin/sh
echo "npm $*" >>"$CALLS"
[ "\${NPM:-works}" = works ] && cp package-lock.json node_modules/.package-lock.json
`;
// APT: works, fails, or needs fresh lists first.
const APT = `#!/bin/sh
echo "apt-get $*" >>"$CALLS"
[ "$APT" = fails ] && { echo 'E: no network' >&2; exit 100; }
case "$*" in
  *libatomic1*) touch "$LIBRARY"; exit 0 ;;
  *update*) touch "$CALLS.fresh"; exit 0 ;;
esac
[ "$APT" = stale ] && [ ! -e "$CALLS.fresh" ] && exit 100
for name in ${PROGRAMS.join(' ')}; do cp "$STANDIN" "$BIN/$name"; done
cp "$STANDIN" "$TUTTI_CNI_BIN_DIR/ptp"
`;

const LOCK = {
  packages: {
    '': { name: 'tutti', version: '1.0.0' },
    'node_modules/needed': { version: '1.2.3', resolved: 'https://registry.test/needed.tgz' },
    'node_modules/only-to-develop': { version: '1.0.0', dev: true },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
    'node_modules/last': { version: '4.5.6' },
  },
};

test('[LAU1] with everything in place only Node runs, with the same arguments and exit code', () => {
  using home = installation();
  const run = home.run(['status', 'two words', '', '*'], { EXIT_CODE: '7' });
  assert.equal(
    run.stdout,
    `cache=${home.path}/cache/tutti/node\n<${home.path}/src/main/tutti.ts><status><two words><><*>`,
  );
  assert.deepEqual({ status: run.status, stderr: run.stderr, calls: run.calls }, { status: 7, stderr: '', calls: [] });
});

test('[LAU2] the launcher is found through links, from elsewhere, with spaces in the path', () => {
  using home = installation('with space');
  mkdirSync(join(home.path, 'links'));
  symlinkSync('../tutti', join(home.path, 'links/relative'));
  symlinkSync(join(home.path, 'links/relative'), join(home.path, 'links/absolute'));
  for (const path of ['links/absolute', 'links/relative']) {
    const run = home.run(['version'], {}, join(home.path, path));
    assert.match(run.stdout, new RegExp(`<${home.path}/src/main/tutti.ts><version>$`));
  }
});

test('[LAU2] the launcher is found by a relative path', () => {
  using home = installation();
  assert.match(home.run(['version'], {}, './tutti').stdout, new RegExp(`<${home.path}/src/main/tutti.ts><version>$`));
});

const INSTALLED: readonly (readonly [what: string, installed: object])[] = [
  ['an older version', { 'node_modules/needed': { version: '1.2.2' }, 'node_modules/last': { version: '4.5.6' } }],
  ['the first package missing', { 'node_modules/last': { version: '4.5.6' } }],
  ['the last package missing', { 'node_modules/needed': { version: '1.2.3' } }],
  ['nothing', {}],
];
for (const [what, packages] of INSTALLED) {
  test(`[LAU3] npm installs when node_modules holds ${what}`, () => {
    using home = installation();
    home.write('node_modules/.package-lock.json', json({ packages }));
    const run = home.run(['version']);
    assert.deepEqual(run.calls, [
      'npm install --no-save --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error',
    ]);
    assert.deepEqual(
      { status: run.status, stderr: run.stderr },
      { status: 0, stderr: 'tutti: installing npm packages\n' },
    );
    assert.deepEqual(home.run(['version']).stderr, '');
  });
}

test('[LAU3] npm installs when its record of what is there is absent or empty', () => {
  using home = installation();
  home.write('node_modules/.package-lock.json', '');
  assert.equal(home.run(['version']).calls.length, 1);
  rmSync(join(home.path, 'node_modules/.package-lock.json'));
  assert.equal(home.run(['version']).calls.length, 2);
});

test('[LAU4] a tree with development packages keeps them', () => {
  using home = installation();
  home.write('node_modules/.package-lock.json', json({ packages: { 'node_modules/x': { version: '1', dev: true } } }));
  assert.deepEqual(home.run(['version']).calls, [
    'npm install --no-save --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error',
  ]);
});

test('[LAU6] libraries that the pinned Node lacks are installed by root, and named to others', () => {
  using home = installation();
  const LIBRARY = join(home.path, 'libatomic.so.1');
  const refused = home.run(['version'], { LIBRARY, APT: 'fails' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /libatomic1 libstdc\+\+6/);
  const run = home.run(['version'], { LIBRARY });
  const installs = process.getuid?.() === 0;
  assert.equal(run.status, installs ? 0 : 2);
  assert.match(
    run.stderr,
    installs ? /installing Debian packages libatomic1 libstdc\+\+6\n$/ : /libatomic\.so\.1: no such file; install/,
  );
});

test('[LAU5] a missing or failing npm is one line and exit code 2', () => {
  using home = installation();
  home.write('node_modules/.package-lock.json', '');
  const failing = home.run(['version'], { NPM: 'fails' });
  assert.equal(failing.status, 2);
  assert.match(failing.stderr, /\ntutti: the npm packages could not be installed: see above\n$/);
  rmSync(join(home.path, 'bin/npm'));
  const missing = home.run(['version']);
  assert.equal(missing.status, 2);
  assert.equal(missing.stderr, 'tutti: npm is missing: install Node.js 20 or newer, which brings npm\n');
});

const NO_CONTAINERS = [
  ['up', '--runtime', 'hollow'],
  ['up', '--no-demo', '--runtime=hollow'],
  ['agent', '--runtime', 'hollow'],
  ['up', '--help'],
  ['kubectl', 'get', 'up'],
  ['server'],
  [],
];
for (const parameters of NO_CONTAINERS) {
  test(`[LAU10] "${parameters.join(' ')}" asks for no container packages`, () => {
    using home = installation();
    assert.deepEqual(
      { ...home.run(parameters, { USER_ID: '1000' }), stdout: '' },
      { status: 0, stdout: '', stderr: '', calls: [] },
    );
  });
}

for (const parameters of [['up'], ['up', '--data-dir', 'hollow'], ['agent', '--runtime', 'cri'], ['--verbose', 'up']]) {
  test(`[LAU10] "${parameters.join(' ')}" needs root and the packages`, () => {
    using home = installation();
    const run = home.run(parameters, { USER_ID: '1000' });
    assert.equal(run.status, 2);
    assert.equal(
      run.stderr,
      `tutti: running containers needs root and the missing packages ${DEBIAN_PACKAGES}; the hollow runtime (--runtime hollow) needs none of it\n`,
    );
  });
}

test('[LAU11] root gets the missing packages, and only those', () => {
  using home = installation();
  for (const program of PROGRAMS.slice(0, 6)) home.program(`bin/${program}`, '#!/bin/sh\n');
  const run = home.run(['up', '--no-demo'], { USER_ID: '0' });
  assert.deepEqual(run.calls, [
    'apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends containernetworking-plugins busybox-static catatonit',
  ]);
  assert.equal(run.stderr, 'tutti: installing Debian packages containernetworking-plugins busybox-static catatonit\n');
  assert.match(run.stdout, /<up><--no-demo>$/);
  const again = home.run(['up'], { USER_ID: '0' });
  assert.deepEqual({ calls: again.calls.length, stderr: again.stderr }, { calls: 1, stderr: '' });
});

test('[LAU11] stale package lists are refreshed once', () => {
  using home = installation();
  const run = home.run(['up'], { USER_ID: '0', APT: 'stale' });
  assert.deepEqual(
    run.calls.map((call) => call.split(' ')[4]),
    ['install', 'update', 'install'],
  );
  assert.equal(run.status, 0);
  assert.equal(run.stderr.split('\n')[1], 'tutti: refreshing the Debian package lists');
});

test('[LAU12] an installation that fails names the packages', () => {
  using home = installation();
  const run = home.run(['up'], { USER_ID: '0', APT: 'fails' });
  assert.equal(run.status, 2);
  assert.match(
    run.stderr,
    /\nE: no network\ntutti: the Debian packages containerd .* could not be installed.*--runtime hollow/,
  );
});

test('[LAU12] without apt-get the missing packages are named', () => {
  using home = installation();
  rmSync(join(home.path, 'bin/apt-get'));
  const run = home.run(['up'], { USER_ID: '0' });
  assert.equal(run.status, 2);
  assert.equal(
    run.stderr,
    `tutti: running containers needs the missing packages ${DEBIAN_PACKAGES}, and there is no apt-get to install them; the hollow runtime (--runtime hollow) needs none of it\n`,
  );
});

test('[LAU12] without root, with all packages, root alone is named', () => {
  using home = installation();
  for (const program of PROGRAMS) home.program(`bin/${program}`, '#!/bin/sh\n');
  home.program('cni/ptp', '#!/bin/sh\n');
  const run = home.run(['up'], { USER_ID: '1000' });
  assert.equal(run.status, 2);
  assert.equal(
    run.stderr,
    'tutti: running containers needs root; the hollow runtime (--runtime hollow) needs none of it\n',
  );
});

test('[LAU20] the environment decides where compiled code is kept', () => {
  using home = installation();
  assert.match(home.run([], { NODE_COMPILE_CACHE: '/elsewhere' }).stdout, /^cache=\/elsewhere\n/);
  assert.match(home.run([], { XDG_CACHE_HOME: '' }).stdout, new RegExp(`^cache=${home.path}/\\.cache/tutti/node\n`));
});

type Result = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly string[];
};

type Installation = Disposable & {
  readonly path: string;
  write(name: string, content: string): void;
  program(name: string, content: string): void;
  run(parameters: readonly string[], environment?: Record<string, string>, launcher?: string): Result;
};

function installation(name = 'home'): Installation {
  const root = mkdtempSync(join(tmpdir(), 'tutti-launcher-'));
  const path = join(root, name);
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  };
  const program = (file: string, content: string): void => {
    write(file, content);
    chmodSync(join(path, file), 0o755);
  };
  program('bin/id', '#!/bin/sh\necho "$USER_ID"\n');
  program('bin/npm', NPM);
  program('bin/apt-get', APT);
  program(PINNED, NODE);
  program('stand-in', '#!/bin/sh\n');
  mkdirSync(join(path, 'cni'));
  write('package-lock.json', json(LOCK));
  write('node_modules/.package-lock.json', json(withoutUnneeded()));
  copyFileSync(LAUNCHER, join(path, 'tutti'));
  for (const tool of ['awk', 'uname', 'readlink', 'grep', 'mktemp', 'rm', 'cp', 'tail', 'touch', 'chmod']) {
    symlinkSync(whereIs(tool), join(path, 'bin', tool));
  }
  const calls = join(path, 'calls');
  const run: Installation['run'] = (parameters, environment = {}, launcher = join(path, 'tutti')) => {
    const { status, stdout, stderr } = spawnSync(launcher, parameters, {
      cwd: path,
      encoding: 'utf8',
      env: {
        PATH: join(path, 'bin'),
        HOME: path,
        XDG_CACHE_HOME: join(path, 'cache'),
        TUTTI_CNI_BIN_DIR: join(path, 'cni'),
        TMPDIR: root,
        BIN: join(path, 'bin'),
        STANDIN: join(path, 'stand-in'),
        CALLS: calls,
        APT: 'works',
        ...environment,
      },
    });
    const made = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
    return { status, stdout, stderr, calls: made };
  };
  return { path, write, program, run, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

function withoutUnneeded(): object {
  const needed = Object.entries(LOCK.packages).filter(([name]) => name.endsWith('/needed') || name.endsWith('/last'));
  return { packages: Object.fromEntries(needed) };
}

// npm writes its files with two spaces, and the launcher counts on it.
function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

function whereIs(tool: string): string {
  const directory = ['/usr/bin', '/bin'].find((candidate) => existsSync(join(candidate, tool)));
  assert.ok(directory !== undefined, `${tool} is not on this machine`);
  return join(directory, tool);
}
