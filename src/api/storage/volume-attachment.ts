/** The wish that a volume be attached to a node, and what became of it. */
import { defaultVolumeSpec } from '../core/persistent-volume/defaults.ts';
import { validateInlineVolume } from '../core/persistent-volume/inline.ts';
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { AGE_COLUMN, booleanColumn, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../meta/field-error.ts';
import { byteLength, checkDnsSubdomain, inclusiveRange } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as storage from '../types/storage-v1.ts';

export type VolumeAttachment = storage.VolumeAttachment;

export const VolumeAttachment = defineResource<VolumeAttachment>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    namespaced: false,
  },
  {
    hasStatus: true,
    applyDefaults,
    prepareForCreate: (attachment) => ({ ...attachment, status: { attached: false } }),
    validateName: checkDnsSubdomain,
    validate: ({ spec, status }) => [...validateSpec(spec), ...validateStatus(status)],
    validateUpdate: (next, stored) =>
      semanticEqual(next.spec, stored.spec) ? [] : [invalid('spec', next.spec, 'field is immutable')],
    validateStatusUpdate: ({ status }) => [...validateStatus(status)],
    columns: [
      NAME_COLUMN,
      {
        ...column<VolumeAttachment>('Attacher', 'The driver that does it.', ({ spec }) => spec.attacher),
        format: 'name',
      },
      column('PV', 'The volume.', ({ spec }) => spec.source.persistentVolumeName ?? ''),
      column('Node', 'The node.', ({ spec }) => spec.nodeName),
      booleanColumn('Attached', 'Whether it is attached.', ({ status }) => status?.attached ?? false),
      AGE_COLUMN,
    ],
  },
);

function applyDefaults(attachment: VolumeAttachment): VolumeAttachment {
  const { spec } = attachment;
  const { inlineVolumeSpec } = spec.source;
  if (inlineVolumeSpec === undefined) return attachment;
  const source = { ...spec.source, inlineVolumeSpec: defaultVolumeSpec(inlineVolumeSpec) };
  return { ...attachment, spec: { ...spec, source } };
}

function* validateSpec({ attacher, source, nodeName }: storage.VolumeAttachmentSpec): Generator<FieldError> {
  yield* validateDriverName(attacher, 'spec.attacher');
  yield* validateSource(source, 'spec.source');
  yield* validateName(nodeName, checkDnsSubdomain, 'spec.nodeName');
}

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

function* validateSource(source: storage.VolumeAttachmentSource, field: string): Generator<FieldError> {
  const { inlineVolumeSpec, persistentVolumeName } = source;
  if (inlineVolumeSpec === undefined && persistentVolumeName === undefined) yield required(field, ONE_SOURCE);
  else if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) yield forbidden(field, ONE_SOURCE);
  else if (inlineVolumeSpec !== undefined) yield* validateInlineVolume(inlineVolumeSpec, `${field}.inlineVolumeSpec`);
  else if (persistentVolumeName === '')
    yield required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName');
  else if (persistentVolumeName !== undefined)
    yield* validateName(persistentVolumeName, checkDnsSubdomain, `${field}.persistentVolumeName`);
}

const METADATA_MAX_BYTES = 256 * 1024;
const MESSAGE_MAX_BYTES = 1024;
const MAX_INT32 = 2_147_483_647;

function* validateStatus(status: storage.VolumeAttachmentStatus | undefined): Generator<FieldError> {
  const { attachmentMetadata = {}, attachError, detachError } = status ?? {};
  const bytes = Object.entries(attachmentMetadata).map(([key, value]) => byteLength(key) + byteLength(value));
  if (bytes.reduce((sum, more) => sum + more, 0) > METADATA_MAX_BYTES)
    yield tooLong('status.attachmentMetadata', METADATA_MAX_BYTES);
  yield* validateVolumeError(attachError, 'status.attachError');
  yield* validateVolumeError(detachError, 'status.detachError');
}

function* validateVolumeError(error: storage.VolumeError | undefined, field: string): Generator<FieldError> {
  const { message = '', errorCode = 0 } = error ?? {};
  // Upstream tells the limit of the metadata here.
  if (byteLength(message) > MESSAGE_MAX_BYTES) yield tooLong(`${field}.message`, METADATA_MAX_BYTES);
  if (errorCode < 0) yield invalid(`${field}.errorCode`, errorCode, inclusiveRange(0, MAX_INT32));
}
