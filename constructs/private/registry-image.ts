import { Annotations, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { imageReferenceProblem, imageReferenceWarning } from '../../src/image-reference';
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
      imageReferenceProblem('the scoring image', this.reference),
      this.entryScript === undefined ? undefined : entryScriptPathProblem(this.entryScript),
    ]);
    const warning = imageReferenceWarning('the scoring image', this.reference);
    if (warning !== undefined) {
      Annotations.of(service).addWarning(warning);
    }
    return [];
  }
}
