/** What the parts of the CRI runtime share. */
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { ExitLedger } from './exit-ledger.ts';
import type { GrpcChannel } from './grpc-channel.ts';

export type CriContext = {
  readonly channel: GrpcChannel;
  readonly socketPath: string;
  /** Where pipes of exec'd processes are made; of the same machine as containerd's. */
  readonly execDir: string;
  readonly exits: ExitLedger;
  readonly world: World;
  readonly log: Logger;
};
