import { defineConfig } from 'vitest/config';

/** Tests whose programs only compute: synthesis, and Terraform on what it makes. */
const DECLARATION_TESTS = [
  'test/*.test.ts',
  'test/{src,constructs,stacks}/**/*.test.ts',
  'test/e2e/{deployment,examples,monitoring-deployment}.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: 'test/temporary-folder.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'declarations', include: DECLARATION_TESTS, maxWorkers: '100%', sequence: { groupOrder: 0 } },
      },
      {
        // one after another: some measure what others would disturb
        extends: true,
        test: {
          name: 'servers',
          include: ['test/e2e/**/*.test.ts'],
          exclude: DECLARATION_TESTS,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
