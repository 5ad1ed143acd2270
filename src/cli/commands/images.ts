/** `tutti images`: makes images present on the node without a registry. */
import { Command } from 'commander';
import type { ImageRequest } from '../composition.ts';
import { dataDir, defaultDataDir } from '../data-dir.ts';
import { readSettings } from '../settings.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

export function imagesCommand(context: CommandContext): Command {
  const build = imageSubcommand(context, 'build')
    .description('Assemble images from Debian packages by the recipes in images/ and make them present on the node.')
    .argument('[names...]', 'full image names; all that have a recipe when none is given')
    .addHelpText(
      'after',
      `
Examples:
  $ tutti images build docker.io/library/nginx:1.20
  $ tutti images build --data-dir ./cluster`,
    );
  const load = imageSubcommand(context, 'import')
    .description('Make the images of OCI archives present on the node.')
    .argument('<archives...>', 'tar files')
    .addHelpText(
      'after',
      `
Examples:
  $ tutti images import web.tar
  $ tutti images import --data-dir ./cluster web.tar worker.tar`,
    );
  return new Command('images')
    .description('Make images present on the node without a registry.')
    .addCommand(build)
    .addCommand(load)
    .addHelpText(
      'after',
      '\nExamples:\n  $ tutti images build docker.io/library/busybox:latest\n  $ tutti images import web.tar',
    );
}

function imageSubcommand(
  { composition, environment, userId, print, progress, signal }: CommandContext,
  name: 'build' | 'import',
): Command {
  return new Command(name)
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(environment, userId))
    .action(async (wanted: readonly string[], options: { readonly dataDir: string }) => {
      const dir = dataDir(options.dataDir);
      const cluster = { dir, settings: await readSettings(dir) };
      using steps = progress();
      const request: ImageRequest = { wanted, onStep: (text) => steps.step(text), signal };
      const names = await (name === 'build'
        ? composition.buildImages(cluster, request)
        : composition.importImages(cluster, request));
      steps.done();
      print(names.join('\n'));
    });
}
