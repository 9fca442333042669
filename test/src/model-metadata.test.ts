import { describe, expect, test } from 'vitest';
import { blobMetadata, tagProblems } from '../../src/models/model-metadata';

describe('metadata', () => {
  test('is the tags and the description', () => {
    expect(blobMetadata({ tags: { area: 'Computer vision' }, description: 'Reads digits' })).toEqual({
      area: 'Computer vision',
      description: 'Reads digits',
    });
  });

  test('has no description where there is none', () => {
    expect(blobMetadata({ tags: {} })).toEqual({});
  });

  test.each([
    ['Schöne Grüße', 'Sch%C3%B6ne Gr%C3%BC%C3%9Fe'],
    ['100 %', '100 %25'],
    ['a\nb\tc', 'a%0Ab%09c'],
    ['猫 🐈', '%E7%8C%AB %F0%9F%90%88'],
    [' edges ', 'edges'],
    ['~!"#$&/?', '~!"#$&/?'],
  ])('travels in a header: %j', (value, encoded) => {
    const [area] = Object.values(blobMetadata({ tags: { area: value } }));

    expect(area).toBe(encoded);
    expect(decodeURIComponent(encoded)).toBe(value.trim());
  });
});

describe('the name of a tag', () => {
  test.each(['area', '_a1', 'model_type'])('may be %j', (name) => {
    expect(tagProblems({ [name]: '' })).toEqual([]);
  });

  test.each(['Area', '1a', 'a-b', 'a b', '', 'class', 'object', 'this', 'description', 'ä'])('fails for %j', (name) => {
    expect(tagProblems({ fine: 'x', [name]: 'x' })).toEqual([
      "a tag's name is lowercase letters, digits and underscores, the first not a digit, and not a word that blob " +
        `storage reserves, since tags become metadata of the model's blobs; got '${name}'`,
    ]);
  });

  test('fails once for each', () => {
    expect(tagProblems({ A: '', B: '' })).toHaveLength(2);
  });
});
