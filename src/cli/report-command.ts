import { Command } from 'commander';
import { renderHtml } from '../report/html';
import { summarize } from '../report/platform-summary';
import { renderQuota } from '../report/quota-table';
import { readSynthesizedOutput } from '../report/synthesized-output';
import { renderTable } from '../report/table';
import { renderWarnings } from '../report/warnings';
import type { Terminal } from './terminal';
import { writeWholeFile } from './write-file';

interface ReportOptions {
  readonly output: string;
  readonly html?: string;
}

/** `azure-inference report`: what a synthesized program deploys, for people. */
export function reportCommand(terminal: Terminal): Command {
  return new Command('report')
    .description('Say what a synthesized program deploys')
    .option('--output <folder>', 'folder that the program was synthesized into', 'cdktf.out')
    .option('--html <file>', 'write a page with a picture, prices and rights')
    .action(async ({ output, html }: ReportOptions) => {
      const summary = summarize(readSynthesizedOutput(output));
      if (html !== undefined) {
        writeWholeFile(html, await renderHtml(summary));
      }
      terminal.out(renderTable(summary, terminal.columns));
      for (const part of [renderQuota(summary.quota), renderWarnings(summary.warnings)]) {
        terminal.out(part === '' ? '' : `\n${part}`);
      }
    });
}
