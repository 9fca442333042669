import { describe, expect, test } from 'vitest';
import { imageReferenceProblem, imageReferenceWarning } from '../../src/image-reference';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('the reference of an image', () => {
  test.each([
    'prod.azurecr.io/digits:3',
    'prod.azurecr.io/team-a/digits:2026-11-21',
    `prod.azurecr.io/digits@${DIGEST}`,
    `prod.azurecr.io/digits:3@${DIGEST}`,
    'registry.example.com:5000/digits:latest',
    'mcr.microsoft.com/azureml/curated/minimal-py311-inference:59',
    'docker.io/library/python:3.12-slim',
    '${TfToken[1]}',
  ])('may be %s', (reference) => {
    expect(imageReferenceProblem('a scoring image', reference)).toBeUndefined();
  });

  test.each([
    ...['', 'digits', 'digits:3', 'library/digits:3', 'prod.azurecr.io/digits', 'prod.azurecr.io/:3'],
    ...[
      'prod.azurecr.io/Digits:3',
      'prod.azurecr.io/digits:',
      'prod.azurecr.io/digits@sha256:12',
      'prod.azurecr.io/a b:1',
    ],
    ...['https://prod.azurecr.io/digits:3', 'prod.azurecr.io/digits:3\n', 'prod.azurecr.io//digits:3', '${path.root}'],
  ])('fails to be %j', (reference) => {
    expect(imageReferenceProblem('a scoring image', reference)).toBe(
      'a scoring image is the reference of an image with its registry and a tag or digest, such as ' +
        `'prod.azurecr.io/digits:3'; got '${reference}'`,
    );
  });
  test('is doubtful with a tag that moves', () => {
    expect(imageReferenceWarning('baseImage', 'prod.azurecr.io/digits:latest')).toBe(
      "baseImage: the tag 'latest' of 'prod.azurecr.io/digits:latest' is another image tomorrow; give the tag or the " +
        'digest of the one that was tried',
    );
    expect(imageReferenceWarning('baseImage', 'prod.azurecr.io/digits:3')).toBeUndefined();
  });
});
