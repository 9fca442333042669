import { Annotations, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { imageReferenceProblem } from '../../src/image-reference';
import { entryScriptPathProblem } from '../../src/scoring/app-root';
import { refuse } from '../../src/validation';
import type { IScoringImage } from '../scoring-image';

/** An image that a registry holds already. */
export class RegistryImage implements IScoringImage {
  /** Nobody knows which ones are part of it. */
  public readonly models = [];

  constructor(
    public readonly reference: string,
    public readonly entryScript?: string,
  ) {}

  public bind(service: Construct): ITerraformDependable[] {
    refuse(service, [
      imageReferenceProblem('a scoring image', this.reference),
      this.entryScript === undefined ? undefined : entryScriptPathProblem(this.entryScript),
    ]);
    if (this.reference.endsWith(':latest')) {
      Annotations.of(service).addWarning(
        `the image '${this.reference}' may be another with each pull, and replicas of one service then differ; name a ` +
          'version or a digest',
      );
    }
    return [];
  }
}
