/** The layer table of ARCHITECTURE.md as data: who may import what. One row a layer, the first row that matches a file counts. */

export type LayerRow = {
  readonly layer: string;
  /** Tells the row's files by their path inside the project, such as `src/scheduler/plugins/taints.ts`. */
  readonly files: RegExp;
  /** Folders the row may import besides its own, written as in the imports map: `api`, or `api/meta` for a part of it. */
  readonly layers: readonly string[];
  /** Built-in modules of Node, without `node:`. */
  readonly node: 'any' | readonly string[];
  /** Packages. */
  readonly npm: 'any' | readonly string[];
  /** Decides and does nothing else: no waiting, no clock. */
  readonly pure?: true;
};

const BELOW_COMPONENTS = ['base', 'api', 'client'];
// What decides where pods go, and nothing else.
const PLACING = ['scheduler/framework', 'scheduler/plugins', 'scheduler/snapshot'];
const CLIENT_PACKAGES = ['ws', 'js-yaml', '@bufbuild/protobuf'];

export const LAYER_TABLE: readonly LayerRow[] = [
  { layer: 'test', files: /^test\//, layers: ['main'], node: 'any', npm: 'any' },
  { layer: 'bench', files: /^bench\//, layers: ['main'], node: 'any', npm: 'any' },
  { layer: 'tools', files: /^tools\//, layers: [], node: 'any', npm: 'any' },
  { layer: 'web', files: /^web\//, layers: ['api'], node: [], npm: [] },
  { layer: 'base', files: /^src\/base\//, layers: [], node: 'any', npm: ['pino'] },
  {
    layer: 'api',
    files: /^src\/api\//,
    layers: ['base'],
    node: [],
    npm: ['@bufbuild/protobuf', '@bufbuild/re2', 'js-yaml'],
  },
  {
    layer: 'store',
    files: /^src\/store\//,
    layers: ['base', 'api/meta', 'api/object', 'api/types/meta-v1'],
    node: 'any',
    npm: ['sorted-btree'],
  },
  {
    layer: 'apiserver',
    files: /^src\/apiserver\//,
    layers: ['base', 'api', 'store'],
    node: 'any',
    npm: [...CLIENT_PACKAGES, 'jose'],
  },
  { layer: 'client', files: /^src\/client\//, layers: ['base', 'api'], node: 'any', npm: CLIENT_PACKAGES },
  {
    layer: 'scheduler/framework, scheduler/plugins and scheduler/snapshot',
    files: /^src\/scheduler\/(framework|plugins|snapshot)\//,
    layers: ['base', 'api', 'scheduler/framework', 'scheduler/plugins', 'scheduler/snapshot'],
    node: [],
    npm: [],
    pure: true,
  },
  {
    layer: 'plan.ts',
    files: /^src\/autoscale\/(.*\/)?plan(\/.*|-[a-z0-9-]+)?\.ts$/,
    layers: ['base', 'api', ...PLACING],
    node: ['path'],
    npm: [],
    pure: true,
  },
  {
    layer: 'plan.ts',
    files: /\/plan(\/.*|-[a-z0-9-]+)?\.ts$/,
    layers: ['base', 'api'],
    node: ['path'],
    npm: [],
    pure: true,
  },
  { layer: 'scheduler', files: /^src\/scheduler\//, layers: BELOW_COMPONENTS, node: [], npm: ['sorted-btree'] },
  { layer: 'controllers', files: /^src\/controllers\//, layers: BELOW_COMPONENTS, node: ['crypto'], npm: [] },
  {
    layer: 'autoscale',
    files: /^src\/autoscale\//,
    layers: [...BELOW_COMPONENTS, ...PLACING],
    node: [],
    npm: [],
  },
  {
    layer: 'node',
    files: /^src\/node\//,
    layers: BELOW_COMPONENTS,
    node: 'any',
    npm: ['@grpc/grpc-js', '@bufbuild/protobuf', 'ws', 'yaml'],
  },
  { layer: 'network', files: /^src\/network\//, layers: BELOW_COMPONENTS, node: 'any', npm: ['dns-packet'] },
  {
    layer: 'simulate',
    files: /^src\/simulate\//,
    layers: [...BELOW_COMPONENTS, ...PLACING],
    node: [],
    npm: [],
  },
  { layer: 'frontends', files: /^src\/frontends\//, layers: BELOW_COMPONENTS, node: 'any', npm: CLIENT_PACKAGES },
  {
    layer: 'cli',
    files: /^src\/cli\//,
    layers: BELOW_COMPONENTS,
    node: 'any',
    npm: [...CLIENT_PACKAGES, 'commander', 'yaml'],
  },
  { layer: 'main', files: /^src\/main\//, layers: [], node: 'any', npm: 'any' },
];

/** Layers that plug the others together, and so may import every layer but main. */
export const ROOTS: ReadonlySet<string> = new Set(['main', 'test', 'bench', 'tools']);
