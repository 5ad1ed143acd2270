/** Where an API server is and how to recognise it and to be recognised by it. */
export type Connection = {
  /** `https://host:6443`; a path is put before every request's own. */
  readonly server: string;
  /** PEM of the authorities whose certificates to trust; the system's unless given. */
  readonly ca?: string;
  /** PEM of the client's certificate and key. */
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** The name to expect in the server's certificate when it is not the one in `server`. */
  readonly serverName?: string;
  readonly skipVerify?: boolean;
};
