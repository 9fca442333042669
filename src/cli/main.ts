#!/usr/bin/env node
import { run } from './program';

// whoever reads a pipe may have read enough, as `head` does
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

run(process.argv.slice(2)).then((code) => {
  // not process.exit: what was written to a pipe may still be on its way
  process.exitCode = code;
});
