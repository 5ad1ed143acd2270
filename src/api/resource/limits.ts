/** How much of each thing there may be, as upstream bounds it. */

export const MAX_DEVICES = 128;
export const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
export const MAX_ATTRIBUTE_LENGTH = 64;
export const MAX_IDENTIFIER_LENGTH = 32;
/** Of the names of drivers, too. */
export const MAX_DOMAIN_LENGTH = 63;
export const MAX_POOL_NAME_LENGTH = 253;
/** Requests of a claim, and devices allocated for one. */
export const MAX_REQUESTS = 32;
export const MAX_CONSTRAINTS = 32;
export const MAX_CONFIGURATIONS = 32;
export const MAX_SELECTORS = 32;
export const MAX_ALTERNATIVES = 8;
export const MAX_CONSUMERS = 256;
export const MAX_EXPRESSION_LENGTH = 10 * 1024;
export const MAX_EXPRESSION_COST = 1_000_000;
export const MAX_PARAMETERS_LENGTH = 10 * 1024;
