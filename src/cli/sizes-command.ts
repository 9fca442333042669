import { Command } from 'commander';
import { type SizeFilter, sizeRows } from './size-rows';
import { renderSizes } from './size-table';
import type { Terminal } from './terminal';
import { gpuModel, positive, region } from './values';

interface SizesOptions extends SizeFilter {
  readonly json?: boolean;
}

/**
 * `azure-inference sizes`: the sizes of nodes to choose from.
 *
 * @param today such as `2026-11-21`
 */
export function sizesCommand(terminal: Terminal, today: string): Command {
  return new Command('sizes')
    .description('List the sizes of nodes to choose from')
    .option('--region <name>', 'say for each whether this region has it, such as westeurope', region)
    .option('--gpu <model>', 'only those with this GPU, such as A100', gpuModel)
    .option('--min-gpu-memory <GiB>', 'only those with as much memory on each GPU, or on their share of one', positive)
    .option('--all', 'retired sizes too')
    .option('--json', 'write JSON for scripts')
    .action((options: SizesOptions) => {
      const rows = sizeRows(options, today);
      terminal.out(
        options.json === true
          ? `${JSON.stringify(rows, undefined, 2)}\n`
          : renderSizes(rows, options.region, terminal.columns),
      );
    });
}
