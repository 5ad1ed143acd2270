import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { htmlRewriter } from './rewrite-html.ts';
import { rewriteUrl } from './rewrite-url.ts';

const PREFIX = '/api/v1/namespaces/default/services/web/proxy';
const rewriting = { prefix: PREFIX, ownHosts: new Set(['198.18.0.5:80', 'api.example:6443']) };
const rewrite = (url: string): string => rewriteUrl(url, rewriting);

test('[SUB24] URLs of the backend lead through the proxy, all others stay', () => {
  const cases = {
    '/': `${PREFIX}/`,
    '/a/b?c=/d#e': `${PREFIX}/a/b?c=/d#e`,
    '/a/': `${PREFIX}/a/`,
    'http://198.18.0.5:80/a': `${PREFIX}/a`,
    'https://api.example:6443/x?y': `${PREFIX}/x?y`,
    '//198.18.0.5:80/a': `${PREFIX}/a`,
    [`${PREFIX}/seen`]: `${PREFIX}/seen`,
  };
  for (const [url, expected] of Object.entries(cases)) assert.equal(rewrite(url), expected);
  for (const url of [
    '',
    'a/b',
    '?x',
    '#y',
    './a',
    'https://else.where/a',
    'mailto:me@here',
    'javascript:/a/',
    'data:,/x',
  ]) {
    assert.equal(rewrite(url), url);
  }
});

async function rewritten(page: string, cuts: readonly number[] = []): Promise<string> {
  const bytes = Buffer.from(page);
  const edges = [0, ...cuts, bytes.length].toSorted((left, right) => left - right);
  const pieces = edges.map((edge, index) => bytes.subarray(edge, edges[index + 1])).filter(({ length }) => length > 0);
  return await text(Readable.from(pieces).pipe(htmlRewriter(rewrite)));
}

const PAGE = [
  '<!DOCTYPE html><HTML manifest="/m"><head><title>a < b <a href="/no"></title>',
  '<!-- <a href="/commented">x</a> --><link rel=stylesheet href=/style.css>',
  `<script src='/s.js'>if (a < 1) document.write('<a href="/no">')</script><style>a{}</style></head>`,
  '<body background="/bg.png" data-href="/no"><a class="x>y" HREF="/a?b=1&amp;c=2">ä € 1 < 2</a>',
  '<img src="https://else.where/i.png" longdesc="/l"><form action="sub"><input src="http://198.18.0.5:80/i">',
  '</form><p href="/no">end <',
].join('\n');

const EXPECTED = PAGE.replace('"/m"', `"${PREFIX}/m"`)
  .replace('href=/style.css', `href=${PREFIX}/style.css`)
  .replace("'/s.js'", `'${PREFIX}/s.js'`)
  .replace('"/bg.png"', `"${PREFIX}/bg.png"`)
  .replace('"/a?b', `"${PREFIX}/a?b`)
  .replace('"/l"', `"${PREFIX}/l"`)
  .replace('http://198.18.0.5:80/i', `${PREFIX}/i`);

test('[SUB24] the links of a page are rewritten, and nothing else, in whatever pieces it comes', async () => {
  assert.equal(await rewritten(PAGE), EXPECTED);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(Buffer.byteLength(PAGE))), async (cuts) => {
      assert.equal(await rewritten(PAGE, cuts), EXPECTED);
    }),
    { numRuns: 60, seed: 24 },
  );
});

test('[SUB24] bytes that are no markup pass as they are, at any length', async () => {
  const long = 'x'.repeat(200_000);
  for (const page of [`<${long}`, `<!--${long}`, `<script>${long}`, `<a href="${long}`]) {
    assert.equal(await rewritten(page, [3, 70_000, 140_000]), page);
  }
});
