/** Small languages: selectors, quantities, durations, times, JSON paths, paths, headers and query parameters. */
import { ApiError } from '#api/errors';
import { compileJsonPath, JsonPathError } from '#api/extensions/json-path';
import { parseFieldSelector } from '#api/meta/field-selector';
import { DurationError, formatGoDuration, parseGoDuration } from '#api/meta/go-duration';
import { formatSelector, matchesLabels, SelectorError } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import { canonicalQuantity, QuantityError } from '#api/meta/quantity';
import { parseMoment, TimeError } from '#api/meta/time';
import { negotiate, parseMediaType, statusFormat } from '#apiserver/http/media-type';
import { optionsOf } from '#apiserver/http/query-options';
import { parseResourcePath } from '#apiserver/http/request-path';
import { warningHeader } from '#apiserver/http/respond';
import { decodeContinue, encodeContinue } from '#apiserver/registry/continue-token';
import { parseResourceVersion } from '#apiserver/registry/resource-version';
import type { Chance } from '../chance.ts';
import { attempt, type Target } from '../target.ts';
import { POD } from './samples.ts';

const LABELS = { app: 'web', tier: 'front', number: '5', constructor: 'x' };

/** A text of the language, with changes. */
function changedOneOf(chance: Chance, texts: readonly string[]): string {
  return chance.once(10) ? chance.word() + chance.word() + chance.word() : chance.changed(chance.pick(texts));
}

// The server reads no head of a request that is longer.
const LONGEST_HEAD = 64 * 1024;

/** Of what stands in a path, a query or a header. */
function changedInHead(chance: Chance, texts: readonly string[]): string {
  return changedOneOf(chance, texts).slice(0, LONGEST_HEAD);
}

const SELECTORS = ['app=web', 'app in (web, db),tier!=back', '!x,tier', 'number>3,number<9', 'a.b/c notin (),d==e'];
const FIELDS = ['metadata.name=web', 'status.phase!=Running,spec.nodeName=n1', String.raw`a=b\,c\=d`];
const QUANTITIES = ['100m', '1.5Gi', '1e3', '-12E', '0.000000001', '12345678901234567890', '.5Ki'];
const DURATIONS = ['1h30m', '-1.5s', '300ms', '1us2ns', '2562047h47m16.854775807s'];
const TIMES = ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59.123456789+01:30', '0000-01-01T00:00:00Z'];
const PATHS = ['.spec.containers[*].name', '{.metadata.labels}', '.spec.ports[?(@.port>80)].name', '.a[0:2]["b"]'];
const URLS = [
  '/api/v1/namespaces/default/pods/web/log',
  '/apis/apps/v1/deployments',
  '/api/v1/namespaces/x/services/http:web:80/proxy/a/b',
  '/api/v1/nodes/n1/proxy//x',
];
const QUERIES = [
  'labelSelector=a%3Db&limit=5&continue=abc&watch=true',
  'resourceVersion=7&resourceVersionMatch=Exact&timeoutSeconds=10&fieldSelector=a%21%3Db',
  'dryRun=All&fieldManager=x&force=true&fieldValidation=Strict&propagationPolicy=Orphan',
];
const ACCEPTS = [
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf;stream=watch,*/*;q=0.5',
  'application/yaml;q=0.1, text/html',
];
const TOKENS = [encodeContinue({ revision: 7, after: 'default/web' })];

export const TEXT_TARGETS: readonly Target[] = [
  {
    name: 'label selector',
    share: 10,
    run: (chance) => {
      const text = changedInHead(chance, SELECTORS);
      return attempt([SelectorError], () => {
        const selector = parseSelector(text);
        const matches = matchesLabels(selector, LABELS);
        const again = parseSelector(formatSelector(selector));
        if (matchesLabels(again, LABELS) !== matches)
          throw new Error(`printed as ${formatSelector(selector)}: ${text}`);
      });
    },
  },
  {
    name: 'field selector',
    share: 5,
    run: (chance) => attempt([SelectorError], () => parseFieldSelector(changedInHead(chance, FIELDS))),
  },
  {
    name: 'quantity',
    share: 5,
    run: (chance) => {
      const text = changedOneOf(chance, QUANTITIES);
      return attempt([QuantityError], () => {
        const canonical = canonicalQuantity(text);
        if (canonicalQuantity(canonical) !== canonical) throw new Error(`${text} prints as ${canonical}`);
      });
    },
  },
  {
    name: 'duration',
    share: 3,
    run: (chance) => {
      const text = changedOneOf(chance, DURATIONS);
      return attempt([DurationError], () => {
        const nanos = parseGoDuration(text);
        if (parseGoDuration(formatGoDuration(nanos)) !== nanos) throw new Error(`${text} is printed as another one`);
      });
    },
  },
  { name: 'time', share: 3, run: (chance) => attempt([TimeError], () => parseMoment(changedOneOf(chance, TIMES))) },
  {
    name: 'JSON path',
    share: 4,
    run: (chance) => attempt([JsonPathError], () => compileJsonPath(changedOneOf(chance, PATHS))(POD.object)),
  },
  {
    name: 'path and query',
    share: 7,
    run: (chance) => {
      const [path, query] = [changedInHead(chance, URLS), changedInHead(chance, QUERIES)];
      return attempt([ApiError], () => {
        parseResourcePath(path);
        parseResourceVersion(optionsOf(new URLSearchParams(query)).resourceVersion);
      });
    },
  },
  {
    name: 'headers',
    share: 6,
    run: (chance) => {
      const text = changedInHead(chance, ACCEPTS);
      return attempt([ApiError], () => {
        const header = warningHeader(text);
        if (!/^299 - "[\x20-\x7e]*"$/.test(header)) throw new Error(`${JSON.stringify(header)} is no header`);
        parseMediaType(text);
        statusFormat(text);
        negotiate(text, chance.once(2) ? { protobuf: true } : {});
      });
    },
  },
  {
    name: 'continue token',
    share: 2,
    run: (chance) => attempt([ApiError], () => decodeContinue(changedInHead(chance, TOKENS))),
  },
];
