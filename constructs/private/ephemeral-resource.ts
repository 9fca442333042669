import { ref, TerraformElement, Token } from 'cdktf';
import type { Construct } from 'constructs';

/** What an ephemeral resource is. */
export interface EphemeralResourceProps {
  /** Terraform's name of the type, such as `random_password`. */
  readonly type: string;

  /** Its arguments under Terraform's names. */
  readonly arguments: { readonly [name: string]: unknown };
}

/**
 * A value that Terraform gets anew whenever it plans or applies, and writes nowhere. cdktf has no such block.
 *
 * Only write-only arguments, providers and other ephemeral resources may take it; Terraform refuses the rest.
 *
 * @see https://developer.hashicorp.com/terraform/language/block/ephemeral
 */
export class EphemeralResource extends TerraformElement {
  private readonly type: string;
  private readonly values: EphemeralResourceProps['arguments'];

  constructor(scope: Construct, id: string, props: EphemeralResourceProps) {
    super(scope, id, `ephemeral.${props.type}`);
    this.type = props.type;
    this.values = props.arguments;
  }

  /** A reference to one of its values. */
  public value(name: string): string {
    return Token.asString(ref(`ephemeral.${this.type}.${this.friendlyUniqueId}.${name}`, this.cdktfStack));
  }

  public override toTerraform(): object {
    const block = { ...this.values, '//': this.constructNodeMetadata };
    return { ephemeral: { [this.type]: { [this.friendlyUniqueId]: block } } };
  }
}
