/** Volumes whose files follow what happens to their objects while the container runs. */
import type { Volume } from '#api/types/core-v1';

export type Change =
  | { readonly type: 'create' | 'update' | 'delete'; readonly object: 'configmap' | 'secret'; readonly name: string }
  | { readonly type: 'label' | 'annotate' };

export type LiveCase = {
  readonly volumes: readonly Omit<Volume, 'name'>[];
  /** For each volume, what changes it; the file is called `data`. */
  readonly changes: readonly Change[];
};

type Kind = 'configmap' | 'secret';
type Source = (name: string) => Omit<Volume, 'name'>;

const configMap: Source = (name) => ({ configMap: { name, optional: true } });
const secret: Source = (secretName) => ({ secret: { secretName, optional: true } });
const projectedConfigMap: Source = (name) => ({ projected: { sources: [{ configMap: { name, optional: true } }] } });
const projectedSecret: Source = (name) => ({ projected: { sources: [{ secret: { name, optional: true } }] } });

/** One volume each whose object is made, changed and removed. */
function optional(prefix: string, object: Kind, source: Source): LiveCase {
  const changes = (['create', 'update', 'delete'] as const).map((type) => ({
    type,
    object,
    name: `${prefix}-${type}`,
  }));
  return { volumes: changes.map(({ name }) => source(name)), changes };
}

const updated = (name: string, source: Source): LiveCase => ({
  volumes: [source(name)],
  changes: [{ type: 'update', object: 'configmap', name }],
});

const field = (fieldPath: string) => ({ items: [{ path: 'data', fieldRef: { fieldPath } }] });
const ANNOTATIONS = field('metadata.annotations');
const LABELS = field('metadata.labels');
const projected = (downwardAPI: object): Omit<Volume, 'name'> => ({ projected: { sources: [{ downwardAPI }] } });

/** By the name of a row, with hyphens for its blanks. */
export const LIVE_CASES: Readonly<Record<string, LiveCase>> = {
  'configMap-live-update': updated('alone', configMap),
  'projected-configMap-live-update': updated('joined', projectedConfigMap),
  'configMap-optional-create/update/delete': optional('map', 'configmap', configMap),
  'secret-optional-create/update/delete': optional('hidden', 'secret', secret),
  'projected-configMap-optional-updates': optional('joined-map', 'configmap', projectedConfigMap),
  'projected-secret-optional-updates': optional('joined-hidden', 'secret', projectedSecret),
  'downward-volume-labels-live': { volumes: [{ downwardAPI: LABELS }], changes: [{ type: 'label' }] },
  'downward-volume-annotations-live': { volumes: [{ downwardAPI: ANNOTATIONS }], changes: [{ type: 'annotate' }] },
  'projected-downward-labels-live': { volumes: [projected(LABELS)], changes: [{ type: 'label' }] },
  'projected-downward-annotations-live': { volumes: [projected(ANNOTATIONS)], changes: [{ type: 'annotate' }] },
};
