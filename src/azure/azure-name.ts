import { Token } from 'cdktf';
import { shortHash } from '../digest';

/** What Azure accepts as the name of one kind of resource. */
interface NameRule {
  readonly what: string;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
  /** The rule in words, for messages. */
  readonly wording: string;
  /** Whether upper case letters, hyphens and underscores are allowed somewhere in the name. */
  readonly upper?: boolean;
  readonly hyphen?: boolean;
}

/**
 * The rules for names of Azure resources.
 *
 * The rules are Azure Resource Manager's where they are stricter than the Terraform provider's, since a name that
 * only the provider accepts fails at apply.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export class AzureName {
  /** A resource group. */
  public static readonly RESOURCE_GROUP = new AzureName({
    what: 'resource group name',
    minLength: 1,
    maxLength: 90,
    pattern: /^[\w.()-]*[\w()-]$/,
    wording: '1 to 90 letters, digits, hyphens, underscores, periods and parentheses, the last not a period',
    upper: true,
    hyphen: true,
  });

  /** A managed cluster. */
  public static readonly CLUSTER = new AzureName({
    what: 'cluster name',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
    wording: '1 to 63 letters, digits, hyphens and underscores, the first and last a letter or digit',
    upper: true,
    hyphen: true,
  });

  /** A Linux node pool. */
  public static readonly NODE_POOL = new AzureName({
    what: 'node pool name',
    minLength: 1,
    maxLength: 12,
    pattern: /^[a-z][a-z0-9]*$/,
    wording: '1 to 12 lowercase letters and digits, the first a letter',
  });

  /** A container registry; unique in all of Azure. */
  public static readonly CONTAINER_REGISTRY = new AzureName({
    what: 'registry name',
    minLength: 5,
    maxLength: 50,
    pattern: /^[a-zA-Z0-9]+$/,
    wording: '5 to 50 letters and digits',
    upper: true,
  });

  /** A storage account; unique in all of Azure. */
  public static readonly STORAGE_ACCOUNT = new AzureName({
    what: 'storage account name',
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z0-9]+$/,
    wording: '3 to 24 lowercase letters and digits',
  });

  /** A blob container. */
  public static readonly BLOB_CONTAINER = new AzureName({
    what: 'blob container name',
    minLength: 3,
    maxLength: 63,
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    wording: '3 to 63 lowercase letters, digits and single hyphens, the first and last a letter or digit',
    hyphen: true,
  });

  /** A Key Vault; unique in all of Azure. */
  public static readonly KEY_VAULT = new AzureName({
    what: 'Key Vault name',
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/,
    wording: '3 to 24 letters, digits and single hyphens, the first a letter, the last a letter or digit',
    upper: true,
    hyphen: true,
  });

  /** A Log Analytics workspace. */
  public static readonly LOG_ANALYTICS_WORKSPACE = new AzureName({
    what: 'Log Analytics workspace name',
    minLength: 4,
    maxLength: 63,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '4 to 63 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    hyphen: true,
  });

  /** An Application Insights component. */
  public static readonly APPLICATION_INSIGHTS = new AzureName({
    what: 'Application Insights name',
    minLength: 1,
    maxLength: 260,
    pattern: /^[\w.()-]*[\w()-]$/,
    wording: '1 to 260 letters, digits, hyphens, underscores, periods and parentheses, the last not a period',
    upper: true,
    hyphen: true,
  });

  /** An Azure Machine Learning workspace. */
  public static readonly WORKSPACE = new AzureName({
    what: 'workspace name',
    minLength: 3,
    maxLength: 33,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*$/,
    wording: '3 to 33 letters, digits and hyphens, the first a letter or digit',
    upper: true,
    hyphen: true,
  });

  /** A user-assigned managed identity. */
  public static readonly IDENTITY = new AzureName({
    what: 'identity name',
    minLength: 3,
    maxLength: 128,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/,
    wording: '3 to 128 letters, digits, hyphens and underscores, the first a letter or digit',
    upper: true,
    hyphen: true,
  });

  private constructor(private readonly rule: NameRule) {}

  /**
   * What is wrong with a name, with one that would pass; nothing when it is right.
   *
   * A token is not judged: its value is known only to Terraform.
   */
  public problem(name: string): string | undefined {
    if (Token.isUnresolved(name) || this.accepts(name)) {
      return undefined;
    }
    const suggestion = this.fit(name);
    const remedy = suggestion === undefined ? '' : `; '${suggestion}' would do`;
    const article = /^[aeiou]/i.test(this.rule.what) ? 'an' : 'a';
    return `${article} ${this.rule.what} is ${this.rule.wording}; got '${name}'${remedy}`;
  }

  /** Whether Azure accepts the name. */
  public accepts(name: string): boolean {
    const { minLength, maxLength, pattern } = this.rule;
    return name.length >= minLength && name.length <= maxLength && pattern.test(name);
  }

  /**
   * A name made of readable parts.
   *
   * @param parts what a reader should recognise; shortened where the name would be too long
   * @param identity what makes the name differ from everyone else's; its hash ends the name; without it only
   *   a name that had to be shortened ends in a hash
   */
  public generate(parts: readonly string[], identity: readonly string[] = []): string {
    // what has no letter of the alphabet in it leaves nothing to read, and a hash may not start every name
    const readable = this.clean(parts.join('-')) || 'inference';
    if (identity.length === 0 && readable.length <= this.rule.maxLength) {
      return readable;
    }
    // two long names must not become one by being shortened
    const suffix = shortHash(identity.length > 0 ? identity : parts);
    const separator = this.rule.hyphen ? '-' : '';
    const room = this.rule.maxLength - suffix.length - separator.length;
    return [readable.slice(0, room).replace(/-+$/, ''), suffix].join(separator);
  }

  /** A name like the given one that Azure accepts, where one can be made of it. */
  private fit(name: string): string | undefined {
    const fitted = this.clean(name).slice(0, this.rule.maxLength).replace(/-+$/, '');
    return this.accepts(fitted) ? fitted : undefined;
  }

  private clean(name: string): string {
    const cased = this.rule.upper ? name : name.toLowerCase();
    const separated = cased.replace(/[^a-zA-Z0-9]+/g, this.rule.hyphen ? '-' : '');
    return separated.replace(/^[^a-zA-Z]+/, '').replace(/-+$/, '');
  }
}
