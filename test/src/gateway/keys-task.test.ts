import { describe, expect, test } from 'vitest';
import { keysTask, luaString } from '../../../src/gateway/keys-task';

describe('the task that reads the keys', () => {
  test('reads both keys from the folder, into the table', () => {
    const task = keysTask({ folder: '/keys', map: '/tmp/keys.map' });

    expect(task).toContain(
      "local folder = '/keys'\nlocal map = '/tmp/keys.map'\nlocal names = { 'primary', 'secondary' }",
    );
  });

  test('takes the digest of an empty text for no key', () => {
    const task = keysTask({ folder: '/keys', map: '/tmp/keys.map' });

    expect(task).toContain("local empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'");
    expect(task).toContain('digest ~= empty and digest or nil');
  });

  test('is not led astray by a name of a file', () => {
    expect(luaString('a\'b\\c\nd"é')).toBe("'a\\039b\\092c\\010d\\034\\195\\169'");
  });
});
