/** Tests of reading recipes: what they mean and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageBuildError } from './errors.ts';
import { decodeRecipes } from './recipe.ts';

const RECIPE = `
variants:
  - names: [docker.io/library/web:1]
    values: { version: one }
  - names: [docker.io/library/web:2, docker.io/library/web:latest]
    values: { version: two }
packages: [web-server]
take: [/usr/sbin/web]
files:
  - path: /srv/version
    mode: '0600'
    text: "{{version}}"
directories:
  - path: /tmp
    mode: '1777'
links:
  - { target: busybox, directory: /bin, names: sh ls }
config:
  command: [web, --version, '{{version}}']
  environment: { VERSION: '{{version}}' }
  stopSignal: SIGQUIT
`;

test('[IMG1] each variant is an image with its own names and values', () => {
  const [first, second, ...others] = decodeRecipes(RECIPE, 'web.yaml');
  assert.deepEqual(others, []);
  assert.deepEqual(second?.names, ['docker.io/library/web:2', 'docker.io/library/web:latest']);
  assert.deepEqual(first, {
    names: ['docker.io/library/web:1'],
    packages: ['web-server'],
    prefer: 'packages',
    take: ['/usr/sbin/web'],
    files: [{ path: '/srv/version', mode: 0o600, text: 'one' }],
    directories: [{ path: '/tmp', mode: 0o1777 }],
    links: [{ target: 'busybox', directory: '/bin', names: ['sh', 'ls'] }],
    config: {
      entrypoint: [],
      command: ['web', '--version', 'one'],
      environment: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', VERSION: 'one' },
      labels: {},
      exposedPorts: [],
      workingDirectory: '/',
      user: '',
      stopSignal: 'SIGQUIT',
    },
  });
});

const NAMES = 'variants: [{ names: [docker.io/library/x:1] }]\n';
const REFUSED: readonly (readonly [recipe: string, message: RegExp])[] = [
  ['a: [', /^Cannot read recipe "bad.yaml": /],
  ['- a', /the document is \["a"\], expected a map$/],
  ['', /variants is missing, expected a list with at least one variant$/],
  ['variants: {}', /variants is {}, expected a list$/],
  ['variants: [{ names: [nginx] }]', /variants\[0\]\.names\[0\] is "nginx", expected a full image name/],
  ['variants: [{ names: 7 }]', /variants\[0\]\.names is 7, expected a list$/],
  ['variants: [{ values: {} }]', /variants\[0\]\.names is missing, expected at least one image name$/],
  [`${NAMES}surprise: 1`, /surprise is an unknown field, expected one of description, variants, /],
  [`${NAMES}take: [bin/sh]\npackages: [x]`, /take\[0\] is "bin\/sh", expected an absolute path without "\.\."$/],
  [`${NAMES}take: [/a/../b]\npackages: [x]`, /take\[0\] is "\/a\/\.\.\/b", expected an absolute path/],
  [`${NAMES}take: [/bin/sh]`, /packages is missing, expected the Debian packages that hold what "take" names$/],
  [`${NAMES}prefer: luck`, /prefer is "luck", expected "packages" or "machine"$/],
  [`${NAMES}files: [{ path: /a, mode: 0755, text: x }]`, /files\[0\]\.mode is 755, expected an octal mode in quotes/],
  [`${NAMES}files: [{ path: /a }]`, /files\[0\]\.text is missing, expected a text$/],
  [`${NAMES}config: { environment: { A: 1 } }`, /config\.environment\.A is 1, expected a text$/],
];

for (const [recipe, message] of REFUSED) {
  test(`[IMG2] ${JSON.stringify(recipe)} is refused`, () => {
    assert.throws(() => decodeRecipes(recipe, 'bad.yaml'), isRecipeError(message));
  });
}

test('[IMG1] a text that uses a value which a variant lacks is refused', () => {
  const recipe = `${NAMES}files: [{ path: /a, text: '{{colour}}' }]`;
  const message = /the document uses \{\{colour\}\}, expected a value for \{\{colour\}\} in every variant$/;
  assert.throws(() => decodeRecipes(recipe, 'bad.yaml'), isRecipeError(message));
});

function isRecipeError(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ImageBuildError);
    assert.equal(error.reason, 'Recipe');
    assert.match(error.message, message);
    return true;
  };
}
