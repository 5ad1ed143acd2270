/** The one error class of image building, with a closed set of reasons. */

/** What went wrong: the recipe's text, the package tools of this machine, or a file the recipe asks for. */
export type ImageBuildReason = 'Recipe' | 'Packages' | 'File';

/** Thrown by everything in this folder when an image cannot be made. */
export class ImageBuildError extends Error {
  readonly reason: ImageBuildReason;

  constructor(reason: ImageBuildReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageBuildError';
    this.reason = reason;
  }
}
