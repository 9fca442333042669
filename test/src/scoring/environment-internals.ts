import type { EnvironmentRecipe } from '../../../src/scoring/environment-recipe';

declare module '../../../src/scoring/scoring-environment' {
  /** What the public declarations leave out. */
  interface ScoringEnvironment {
    resolve(gpu: boolean): EnvironmentRecipe;
  }
}
