import { ScoringEnvironment } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';

test('an image is taken as it is given', () => {
  const reference = `prod.azurecr.io/digits@sha256:${'a'.repeat(64)}`;

  expect(ScoringEnvironment.image(reference).imageReference).toBe(reference);
});
