import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { BuiltInRole } from '../../src/azure/built-in-role';
import { shortHash } from '../../src/digest';
import type { IAzureResource, IGrantee } from '../azure-resource';
import { sharedChild } from './shared-child';

/** The roles that a managed identity was given with `assignRole`. */
export function rolesOf(grantee: IGrantee): RoleAssignment[] {
  return grantee.node.children.filter((child): child is RoleAssignment => child instanceof RoleAssignment);
}

/**
 * Gives a managed identity a role on a resource, once however often it is asked for.
 *
 * The assignment belongs to the grantee's stack, so that the dependency between stacks runs from the one that needs
 * the right to the one that holds the resource and never back.
 */
export function assignRole(grantee: IGrantee, role: BuiltInRole, target: IAzureResource): RoleAssignment {
  const id = `${role.replaceAll(' ', '')}-${target.node.id}-${shortHash([target.node.path], 4)}`;
  const make = () =>
    new RoleAssignment(grantee, id, {
      scope: target.idFor(grantee),
      roleDefinitionName: role,
      principalId: grantee.principalId,
      // without the type, Azure looks a new principal up in the directory, and may not find it there yet
      principalType: 'ServicePrincipal',
    });
  return sharedChild(grantee, id, make);
}
