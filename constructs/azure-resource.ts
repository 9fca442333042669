import type { IConstruct } from 'constructs';

/** A resource in Azure that other stacks may point at. */
export interface IAzureResource extends IConstruct {
  /**
   * Id of the resource as `scope` has to write it.
   *
   * A reference in the stack that creates the resource, since references are Terraform's only order of creation; the
   * computed literal in any other stack, which then depends on the creating one.
   */
  idFor(scope: IConstruct): string;

  /** Name of the resource as `scope` has to write it, by the same rule as `idFor`. */
  nameFor(scope: IConstruct): string;
}

/** Who can be given a role. */
export interface IGrantee extends IConstruct {
  /** Object id of the principal in Entra ID, a reference in the stack of the grantee. */
  readonly principalId: string;
}
