import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { ContainerRegistry, ImageBuilder, type ImageBuilderProps, ModelStore } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, testGroup, testStack, written } from '../fixtures';

function built(props: Partial<ImageBuilderProps> = {}) {
  const stack = testStack();
  const resourceGroup = testGroup(stack);
  const registry = new ContainerRegistry(stack, 'registry', { resourceGroup, registryName: 'contoso' });
  const store = new ModelStore(stack, 'models', { resourceGroup, storageAccountName: 'contosomodels' });
  const builder = new ImageBuilder(stack, 'builder', { resourceGroup, registry, store, ...props });
  return { stack, builder, registry, store };
}

describe('an image builder', () => {
  test('is an identity that may push to the registry and read the container of the store, and nothing else', () => {
    const { stack } = built();
    const roles = Template.of(stack)
      .resources(RoleAssignment)
      .map(({ role_definition_name, scope }) => [role_definition_name, String(scope).replace(/\.id\}$/, '')]);

    expect(roles).toEqual([
      ['AcrPush', expect.stringMatching(/^\$\{azurerm_container_registry\./)],
      ['Storage Blob Data Reader', expect.stringMatching(/^\$\{azurerm_storage_container\./)],
    ]);
  });

  test('has the name that it is given, and one made of its path by default', () => {
    expect(Template.of(built().stack).resource(UserAssignedIdentity)).toMatchObject({
      name: 'id-test-builder-identity',
    });
    expect(Template.of(built({ identityName: 'id-images' }).stack).resource(UserAssignedIdentity)).toMatchObject({
      name: 'id-images',
    });
  });

  test('is pointed at by references in its own stack', () => {
    const { stack, builder } = built();

    expect(written(stack, builder.idFor(stack))).toMatch(/^\$\{azurerm_user_assigned_identity\..*\.id\}$/);
    expect(written(stack, builder.nameFor(stack))).toMatch(/^\$\{azurerm_user_assigned_identity\..*\.name\}$/);
    expect(written(stack, builder.clientIdFor(stack))).toMatch(/^\$\{azurerm_user_assigned_identity\..*\.client_id\}$/);
  });

  test('is read by its name in another stack, once, which then depends on its own', () => {
    const { stack, builder } = built({ identityName: 'id-images' });
    const other = testStack('other', stack.node.scope as ReturnType<typeof testApp>);

    const [once, again] = [builder.clientIdFor(other), builder.clientIdFor(other)];
    expect(written(other, once)).toBe(written(other, again));
    expect(written(other, once)).toMatch(/^\$\{data\.azurerm_user_assigned_identity\..*\.client_id\}$/);
    expect(Template.of(other).dataSource(DataAzurermUserAssignedIdentity)).toMatchObject({ name: 'id-images' });
    expect(other.dependencies).toEqual([stack]);
  });
});

describe('an image builder made elsewhere', () => {
  const imported = (identityName = 'id-images') => {
    const app = testApp();
    const stack = testStack('test', app);
    const resourceGroup = sharedGroup(stack);
    const registry = ContainerRegistry.fromRegistryAttributes(stack, 'registry', {
      registryName: 'contoso',
      resourceGroup,
    });
    const store = ModelStore.fromModelStoreAttributes(stack, 'models', {
      storageAccountName: 'contosomodels',
      resourceGroup,
    });
    const attributes = { identityName, resourceGroup, registry, store };
    return { stack, builder: ImageBuilder.fromImageBuilderAttributes(stack, 'builder', attributes), registry, store };
  };

  test('is known by its name, and its client id is read', () => {
    const { stack, builder, registry, store } = imported();

    expect(builder.registry).toBe(registry);
    expect(builder.store).toBe(store);
    expect(builder.idFor(stack)).toBe(
      `${SHARED_GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-images`,
    );
    expect(builder.nameFor(stack)).toBe('id-images');
    expect(written(stack, builder.clientIdFor(stack))).toMatch(/^\$\{data\.azurerm_user_assigned_identity\./);
    expect(Template.of(stack).dataSource(DataAzurermUserAssignedIdentity)).toMatchObject({
      name: 'id-images',
      resource_group_name: 'shared',
    });
    expect(Template.of(stack).resources(RoleAssignment)).toEqual([]);
  });

  test('fails to have a name that no identity has', () => {
    expect(messagesOf(imported('a b').stack)).toEqual([expect.stringMatching(/identity name .* got 'a b'/)]);
  });
});
