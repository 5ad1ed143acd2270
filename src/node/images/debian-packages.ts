/** Fetches Debian packages with everything they depend on and unpacks them, without installing anything. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { ImageBuildError } from './errors.ts';
import { readTextIfPresent, writeAtomically } from './files.ts';

export type PackageOptions = {
  readonly cacheDir: string;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
};

const APT_LISTS = '/var/lib/apt/lists';

/**
 * File names of the packages and of all they depend on, versions included, sorted.
 * The answer is kept until the machine's package lists change, because apt needs a second for it.
 */
export async function resolvePackages(
  packages: readonly string[],
  options: PackageOptions,
): Promise<readonly string[]> {
  const directory = join(options.cacheDir, 'resolved');
  const kept = join(directory, `${fingerprint([...packages, ...(await packageLists())])}.txt`);
  const known = await readTextIfPresent(kept);
  if (known !== undefined) return known.split('\n');
  await using apt = await AptDirectory.create(options);
  const found = await apt.resolve(packages);
  await mkdir(directory, { recursive: true });
  await writeAtomically(kept, Buffer.from(found.join('\n')));
  return found;
}

/** A directory that holds the unpacked files of exactly these packages; downloads them when it is not there yet. */
export async function unpackPackages(
  packages: readonly string[],
  resolved: readonly string[],
  options: PackageOptions,
): Promise<string> {
  const tree = join(options.cacheDir, 'packages', fingerprint(resolved));
  if (await isDirectory(tree)) return tree;
  await using apt = await AptDirectory.create(options);
  options.onProgress(`downloading ${resolved.length} Debian packages (${packages.join(', ')} and what they need)`);
  await apt.download(packages);
  const unpacked = await apt.unpack(resolved);
  await mkdir(join(options.cacheDir, 'packages'), { recursive: true });
  await rename(unpacked, tree).catch(async (error: unknown) => {
    // Another build may have put the same tree there meanwhile; names are content, so either copy serves.
    if (!(await isDirectory(tree))) throw error;
  });
  return tree;
}

/** Asks the archive for its current package lists; needs root. */
export async function refreshPackageLists(options: PackageOptions): Promise<void> {
  options.onProgress('refreshing the Debian package lists');
  await runCommand('apt-get', ['-qq', 'update'], options.signal);
}

/** A private apt state that believes nothing is installed, so that every dependency is fetched. */
class AptDirectory implements AsyncDisposable {
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;

  private constructor(path: string, signal: AbortSignal | undefined) {
    this.#path = path;
    this.#signal = signal;
  }

  static async create({ cacheDir, signal }: PackageOptions): Promise<AptDirectory> {
    await mkdir(cacheDir, { recursive: true });
    const path = await mkdtemp(join(cacheDir, 'apt-'));
    await mkdir(join(path, 'archives', 'partial'), { recursive: true });
    await writeFile(join(path, 'status'), '');
    return new AptDirectory(path, signal);
  }

  async resolve(packages: readonly string[]): Promise<readonly string[]> {
    const listing = await this.#apt(['-qq', '--print-uris', 'install', ...packages]);
    // A line reads: 'address' file-name size checksum
    const names = listing.split('\n').flatMap((line) => /^'[^']+' (\S+\.deb) /.exec(line)?.[1] ?? []);
    if (names.length === 0)
      throw new ImageBuildError('Packages', `Cannot resolve ${packages.join(', ')}: apt named no package files`);
    return names.toSorted();
  }

  async download(packages: readonly string[]): Promise<void> {
    await this.#apt(['-qq', '-y', '--download-only', 'install', ...packages]);
  }

  async unpack(resolved: readonly string[]): Promise<string> {
    const archives = join(this.#path, 'archives');
    const present = (await readdir(archives)).filter((name) => name.endsWith('.deb')).toSorted();
    if (present.join() !== resolved.join()) {
      throw new ImageBuildError('Packages', 'Cannot unpack packages: the package lists changed during the download');
    }
    const tree = join(this.#path, 'tree');
    await mkdir(tree);
    const waiting = present.values();
    const unpackAll = async (): Promise<void> => {
      for (const name of waiting) await runCommand('dpkg-deb', ['-x', join(archives, name), tree], this.#signal);
    };
    await Promise.all(Array.from({ length: availableParallelism() * 2 }, unpackAll));
    return tree;
  }

  async #apt(parameters: readonly string[]): Promise<string> {
    const settings = {
      'Dir::State::status': join(this.#path, 'status'),
      'Dir::Cache': this.#path,
      'Dir::Cache::archives': join(this.#path, 'archives/'),
      'APT::Install-Recommends': 'false',
      'APT::Sandbox::User': 'root', // the directory is ours alone, apt's own user cannot write to it
      'Debug::NoLocking': 'true', // it is private; the machine's package manager may work at the same time
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return runCommand('apt-get', [...flags, ...parameters], this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}

async function packageLists(): Promise<readonly string[]> {
  const names = await readdir(APT_LISTS).catch((): string[] => []); // no lists yet: apt itself says what that means
  return Promise.all(
    names.toSorted().map(async (name) => {
      const { size, mtimeMs } = await stat(join(APT_LISTS, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
