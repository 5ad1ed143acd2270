/** The image half of the port, over CRI's image service. */
import type { ImageAuth, ImageInfo, PullRequest, Runtime } from '../runtime.ts';
import { RuntimeError, isRuntimeError } from '../runtime-error.ts';
import type { CriContext } from './cri-context.ts';
import { ImageService } from './generated/cri_pb.ts';
import type { Image } from './generated/cri_pb.ts';
import { importArchive } from './import-archive.ts';
import { orGone } from './or-gone.ts';
import { pullFailure } from './pull-failure.ts';

export type ImageCalls = Pick<Runtime, 'imageStatus' | 'pullImage' | 'importImages' | 'listImages' | 'removeImage'>;

const { imageStatus, listImages, pullImage, removeImage } = ImageService.method;

export function imageCalls(context: CriContext): ImageCalls {
  const { channel } = context;
  const find = async (image: string, signal?: AbortSignal): Promise<ImageInfo | undefined> => {
    const reply = await channel.call(imageStatus, { image: { image } }, { signal });
    return reply.image === undefined ? undefined : decodeImage(reply.image);
  };
  return {
    imageStatus: find,
    pullImage: (request, signal) => pull(context, request, signal),
    importImages: async (archivePath, signal) => {
      const names = await importArchive(context.socketPath, archivePath, signal);
      for (const name of names) await appears(name, { find, context, signal });
      return names;
    },
    listImages: async (signal) => {
      const reply = await channel.call(listImages, {}, { signal });
      return reply.images.map(decodeImage);
    },
    removeImage: async (image, signal) => {
      await orGone(channel.call(removeImage, { image: { image } }, { signal }));
    },
  };
}

async function pull({ channel }: CriContext, { image, auth }: PullRequest, signal?: AbortSignal): Promise<string> {
  try {
    const spec = { image: { image }, ...(auth === undefined ? {} : { auth: encodeAuth(auth) }) };
    return (await channel.call(pullImage, spec, { signal })).imageRef;
  } catch (error) {
    throw isRuntimeError(error) ? pullFailure(error) : error;
  }
}

function encodeAuth(auth: ImageAuth): {
  username: string;
  password: string;
  identityToken: string;
  registryToken: string;
} {
  return {
    username: auth.username ?? '',
    password: auth.password ?? '',
    identityToken: auth.identityToken ?? '',
    registryToken: auth.registryToken ?? '',
  };
}

function decodeImage(image: Image): ImageInfo {
  return Object.freeze({
    id: image.id,
    tags: Object.freeze([...image.repoTags]),
    digests: Object.freeze([...image.repoDigests]),
    sizeBytes: Number(image.size),
    ...(image.uid === undefined ? {} : { uid: Number(image.uid.value) }),
    ...(image.username === '' ? {} : { username: image.username }),
  });
}

type Appearance = {
  readonly find: ImageCalls['imageStatus'];
  readonly context: CriContext;
  readonly signal: AbortSignal | undefined;
};

const APPEAR_POLL_MS = 10;
const APPEAR_TIMEOUT_MS = 10_000;

// The CRI plug-in learns of an import by an event, a moment later.
async function appears(name: string, { find, context, signal }: Appearance): Promise<void> {
  const { clock } = context.world;
  const giveUpAtMs = clock.now() + APPEAR_TIMEOUT_MS;
  while ((await find(name, signal)) === undefined) {
    if (clock.now() > giveUpAtMs) throw new RuntimeError('Failed', `Cannot find image "${name}" after its import`);
    await clock.sleep(APPEAR_POLL_MS, signal);
  }
}
