/** How an author asked for an earlier revision of a deployment before `apps/v1`, and where that is kept since. */

export const ROLLBACK_TO = 'deprecated.deployment.rollback.to';
