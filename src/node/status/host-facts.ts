/** What a node can say of the machine it is. */

export type HostFacts = {
  readonly hostname: string;
  /** As Go and Kubernetes call it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
};

/** What changes all the time. */
export type HostPressure = {
  readonly memoryAvailableBytes: number;
  readonly storageAvailableBytes: number;
  readonly storageInodesShare: number;
  readonly freePidsShare: number;
};
