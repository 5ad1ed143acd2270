/** Reads image names as users write them. */

/** The tag `latest` where there is neither a tag nor a digest. */
export function withDefaultTag(image: string): string {
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  return lastPart === '' || lastPart.includes(':') || lastPart.includes('@') ? image : `${image}:latest`;
}

/** `docker.io` where the name does not say. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'docker.io';
}
