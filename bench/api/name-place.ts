/** What clients put each object's own name in place of. */
export const NAME_PLACE = 'name-of-the-object';
