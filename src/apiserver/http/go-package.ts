/** What upstream calls the package of a group in Go, for messages. */
export const goPackageOf = (group: string): string => group.split('.')[0] || 'core';
