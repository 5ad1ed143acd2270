/** What it costs to make something, as upstream has it. */

export const LIST_COST = 10;
export const MAP_COST = 30;
