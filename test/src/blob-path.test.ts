import { describe, expect, test } from 'vitest';
import { blobPathProblem } from '../../src/blob-path';

describe('the path of a file that goes through blob storage', () => {
  test.each(['score.py', 'a/b c.txt', `${'d/'.repeat(383)}ab`, `${'x'.repeat(255)}/a`, 'é'.repeat(127), '..a', '.a/b'])(
    'may be %s',
    (path) => {
      expect(blobPathProblem(path)).toBeUndefined();
    },
  );

  test('fails above 768 characters', () => {
    const path = `${'d/'.repeat(383)}abc`;

    expect(blobPathProblem(path)).toBe(`the file "${path}" has a path of 769 characters, and may have 768; shorten it`);
  });

  test('fails with a name above 255 bytes', () => {
    const path = `lib/${'é'.repeat(128)}`;

    expect(blobPathProblem(path)).toBe(`the file "${path}" has a name of 256 bytes, and Linux allows 255; shorten it`);
  });

  test('fails with what is lost on the way', () => {
    expect(blobPathProblem('a\tb')).toBe(
      'the file "a\\tb" has a name with a control character or one of \\ ? # % ${, which is lost on the way through blob storage; rename it',
    );
  });
});
