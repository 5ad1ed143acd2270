/** The two parts of an `apiVersion`. */

export type GroupVersion = { readonly group: string; readonly version: string };

/** `apps/v1` is of the group `apps`; `v1` is of the core group, whose name is empty. */
export function parseApiVersion(apiVersion: string): GroupVersion {
  const slash = apiVersion.indexOf('/');
  if (slash === -1) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function formatApiVersion({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}
