#!/usr/bin/env node
import { run } from './program';

run(process.argv.slice(2)).then((code) => {
  // not process.exit: what was written to a pipe may still be on its way
  process.exitCode = code;
});
