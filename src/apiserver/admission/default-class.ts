/** A new ingress or claim that names no class gets the default one, if there is one. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { choosesClass } from '#api/core/volume/storage-class';
import { CLASS_ANNOTATION } from '#api/networking/ingress/validation';
import type { Ingress } from '#api/networking/ingress';
import type { ApiObject } from '#api/object';
import { DEFAULT_CLASS_MARKS } from '#api/storage/storage-class';
import type { Store } from '#store/store';
import { kindKey } from '../registry/keys.ts';
import type { AdmissionPlugin } from './admission.ts';

type Classed<T extends ApiObject> = {
  readonly name: string;
  readonly of: { readonly group: string; readonly plural: string };
  /** Where the classes are in the store, and how the default one is marked. */
  readonly classes: string;
  readonly marks: readonly string[];
  readonly choosesClass: (object: T) => boolean;
  readonly withClass: (object: T, name: string) => T;
};

export function defaultIngressClass(store: Store): AdmissionPlugin {
  return defaultClass<Ingress>(store, {
    name: 'DefaultIngressClass',
    of: { group: 'networking.k8s.io', plural: 'ingresses' },
    classes: '/networking.k8s.io/ingressclasses/',
    marks: ['ingressclass.kubernetes.io/is-default-class'],
    choosesClass: ({ metadata, spec }) =>
      spec.ingressClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined,
    withClass: (ingress, name) => ({ ...ingress, spec: { ...ingress.spec, ingressClassName: name } }),
  });
}

export function defaultStorageClass(store: Store): AdmissionPlugin {
  return defaultClass<PersistentVolumeClaim>(store, {
    name: 'DefaultStorageClass',
    of: { group: '', plural: 'persistentvolumeclaims' },
    classes: '/storage.k8s.io/storageclasses/',
    marks: DEFAULT_CLASS_MARKS,
    choosesClass,
    withClass: (claim, name) => ({ ...claim, spec: { ...claim.spec, storageClassName: name } }),
  });
}

function defaultClass<T extends ApiObject>(store: Store, kind: Classed<T>): AdmissionPlugin {
  return {
    name: kind.name,
    complete: true,
    of: [kindKey(kind.of)],
    handles: ({ operation, subresource }) => operation === 'create' && subresource === undefined,
    mutate({ object }) {
      // The plugin is only ever asked about objects of its kind.
      const classed = object as T;
      if (kind.choosesClass(classed)) return classed;
      const found = newestMarked(store, kind);
      return found === undefined ? classed : kind.withClass(classed, found);
    },
  };
}

/** Of several the one that was made last, so that a new default takes over at once. */
function newestMarked(
  store: Store,
  { classes, marks }: Pick<Classed<ApiObject>, 'classes' | 'marks'>,
): string | undefined {
  const marked = store
    .list(classes)
    .items.map(({ metadata }) => metadata)
    .filter(({ annotations }) => marks.some((mark) => annotations?.[mark] === 'true'));
  const madeAt = ({ creationTimestamp = '' }: { readonly creationTimestamp?: string }): string => creationTimestamp;
  const newest = marked.map(madeAt).toSorted().at(-1);
  return marked.find((metadata) => madeAt(metadata) === newest)?.name;
}
