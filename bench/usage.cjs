// Loaded with --require into a measured process: writes what the process used to the file that BENCH_USAGE names.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const modules = Object.keys(require.cache);
  const usage = {
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
    memoryMiB: maxRSS / 1024,
    modules: modules.length,
    providerModules: modules.filter((file) => /[\\/]@cdktf[\\/]provider-/.test(file)).length,
  };
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
});
