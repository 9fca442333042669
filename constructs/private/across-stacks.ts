import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * What `reader` has to write to point at something of `owner`.
 *
 * A reference that crosses stacks would make cdktf copy the whole state of one into the plans of the other, so
 * another stack gets the literal and depends on the owner's stack instead.
 */
export function acrossStacks(owner: IConstruct, reader: IConstruct, reference: string, literal: string): string {
  const owning = TerraformStack.of(owner);
  const reading = TerraformStack.of(reader);
  if (owning === reading) {
    return reference;
  }
  reading.addDependency(owning);
  return literal;
}
