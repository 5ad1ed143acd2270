/** Decides which structs are kinds, and of which group and version. */
import type { GoPackage, GoStruct } from './go-structs.ts';
import type { ProtoFile } from './proto-messages.ts';

const META_PACKAGE = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const META_GROUP_KINDS = new Set(['Table', 'TableOptions', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

export function kindOf(
  struct: GoStruct,
  { proto, go }: { proto: ProtoFile; go: GoPackage },
): readonly [string, string, string] | undefined {
  const version = proto.package.split('.').at(-1)!;
  if (proto.package === META_PACKAGE && struct.name === 'WatchEvent') return ['', 'v1', 'WatchEvent'];
  if (!struct.fields.some((field) => field.embedded && field.name === 'TypeMeta')) return undefined;
  if (proto.package === META_PACKAGE)
    return [META_GROUP_KINDS.has(struct.name) ? 'meta.k8s.io' : '', 'v1', struct.name];
  if (go.group === undefined)
    throw new Error(`Cannot tell the group of ${proto.package}: no GroupName in its Go files`);
  return [go.group, version, struct.name];
}
