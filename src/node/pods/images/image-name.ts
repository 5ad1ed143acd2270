/** Reads image names as users write them. */

/** The tag `latest` where there is neither a tag nor a digest. */
export function withDefaultTag(image: string): string {
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  return lastPart === '' || lastPart.includes(':') || lastPart.includes('@') ? image : `${image}:latest`;
}

const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = `(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const NAME = new RegExp(`^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*(?::${TAG})?(?:@${DIGEST})?$`);

/** What is wrong with the name, in upstream's words; undefined when it is fine. */
export function imageNameProblem(image: string): string | undefined {
  if (NAME.test(image)) return undefined;
  const repository = repositoryOf(image);
  const shouting = repository !== repository.toLowerCase();
  return shouting
    ? `invalid reference format: repository name (${repository}) must be lowercase`
    : 'invalid reference format';
}

/** The name without its registry, its tag and its digest; what is only a name is in `library`. */
function repositoryOf(image: string): string {
  const registry = registryOf(image);
  const rest = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  const [name = ''] = rest.split(/[:@]/);
  return registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
}

/** `docker.io` where the name does not say. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'docker.io';
}
