/** A volume that cannot be made; `message` is what the pod's event says. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly volume: string;

  constructor(volume: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.volume = volume;
  }
}
