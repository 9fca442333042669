import type { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** The release of hashicorp/time that makes the pause; no prebuilt binding exists. */
const TIME_PROVIDER = { source: 'hashicorp/time', version: '0.13.1' };

/**
 * A pause between role assignments and what uses them in the same apply.
 *
 * Azure answers that a role is assigned before all its services know of it.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
export class RolePropagation extends TerraformResource {
  private readonly assignments: readonly RoleAssignment[];
  private readonly seconds: number;

  constructor(scope: Construct, id: string, assignments: readonly RoleAssignment[], seconds = 60) {
    super(scope, id, { terraformResourceType: 'time_sleep' });
    this.assignments = assignments;
    this.seconds = seconds;
    TerraformStack.of(this).addOverride('terraform.required_providers.time', TIME_PROVIDER);
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return {
      create_duration: `${this.seconds}s`,
      // a new assignment means a new pause
      triggers: Object.fromEntries(this.assignments.map((assignment) => [assignment.node.id, assignment.id])),
    };
  }
}
