import { ValidationError } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';

describe('ValidationError', () => {
  test('lists every problem with the path of its construct', () => {
    const error = new ValidationError([
      { path: 'prod-cluster/cluster/gpu', message: 'two\nlines' },
      { path: '', message: 'one line' },
    ]);

    expect(error.message).toBe(
      '2 problems in this program:\n' + '  - prod-cluster/cluster/gpu: two\n      lines\n' + '  - the app: one line',
    );
  });

  test('counts one problem as one', () => {
    expect(new ValidationError([{ path: 'a', message: 'b' }]).message).toMatch(/^1 problem in this program:/);
  });

  test('is printed without the stack of synthesis, and once', () => {
    const error = new ValidationError([{ path: 'a', message: 'b' }]);

    expect(error.stack).toBe(`ValidationError: ${error.message}`);
    expect(Object.keys(error)).not.toContain('problems');
  });

  test('keeps the problems for programs, apart from the list it was given', () => {
    const problems = [{ path: 'a', message: 'b' }];
    const error = new ValidationError(problems);
    problems.pop();

    expect(error.problems).toEqual([{ path: 'a', message: 'b' }]);
  });
});
