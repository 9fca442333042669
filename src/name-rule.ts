import { Token } from 'cdktf';
import { shortHash } from './digest';

/** What is accepted as the name of one kind of thing. */
export interface NameRuleProps {
  /** What is named, such as `cluster name`. */
  readonly what: string;

  /** The fewest characters. */
  readonly minLength: number;

  /** The most characters. */
  readonly maxLength: number;

  /** What the whole name looks like, whatever its length. */
  readonly pattern: RegExp;

  /** The rule in words, for messages. */
  readonly wording: string;

  /**
   * Whether upper case letters are allowed.
   *
   * @default false
   */
  readonly upper?: boolean;

  /**
   * What may stand between two words.
   *
   * @default - nothing
   */
  readonly separator?: '-' | '_';
}

/** The most characters of the hash that ends a generated name. */
const HASH_LENGTH = 8;

/** A rule for names: it says what is wrong with one, and makes some that are right. */
export class NameRule {
  constructor(private readonly rule: NameRuleProps) {}

  /**
   * What is wrong with a name, with one that would pass where one can be made of it; nothing when it is right.
   *
   * A token is not judged: its value is known only to Terraform.
   */
  public problem(name: string): string | undefined {
    if (Token.isUnresolved(name) || this.accepts(name)) {
      return undefined;
    }
    const suggestion = this.suggestion(name);
    const remedy = suggestion === undefined ? '' : `; '${suggestion}' would do`;
    const article = /^[aeiou]/i.test(this.rule.what) ? 'an' : 'a';
    return `${article} ${this.rule.what} is ${this.rule.wording}; got '${name}'${remedy}`;
  }

  /** Whether the name is right. */
  public accepts(name: string): boolean {
    const { minLength, maxLength, pattern } = this.rule;
    return name.length >= minLength && name.length <= maxLength && pattern.test(name);
  }

  /**
   * A name made of readable parts.
   *
   * @param parts what a reader should recognise; shortened where the name would be too long
   * @param identity what makes the name differ from everyone else's; its hash ends the name; without it only
   *   a name that does not show all of the parts ends in a hash
   */
  public generate(parts: readonly string[], identity: readonly string[] = []): string {
    const { minLength, maxLength, separator = '' } = this.rule;
    // what has no letter of the alphabet in it leaves nothing to read, and a hash may not start every name
    const readable = this.clean(parts.join('-'), /^[^a-zA-Z]+/) || 'inference';
    const fits = readable.length >= minLength && readable.length <= maxLength;
    if (identity.length === 0 && fits && parts.every(isAscii)) {
      return readable;
    }
    // two names must not become one by what was left out of them
    const hash = shortHash(identity.length > 0 ? identity : parts, Math.min(HASH_LENGTH, maxLength - 1));
    const room = maxLength - hash.length - separator.length;
    // the shortest names have no room for a separator
    return room > 0 ? [shorten(readable, room), hash].join(separator) : `${readable.slice(0, 1)}${hash}`;
  }

  /** A name like the given one that is right, where one can be made of it. */
  private suggestion(name: string): string | undefined {
    // a digit at the start says something, too, where it may stand there
    const starts = [/^[^a-zA-Z0-9]+/, /^[^a-zA-Z]+/];
    const candidates = starts.map((start) => shorten(this.clean(name, start), this.rule.maxLength));
    return candidates.find((candidate) => this.accepts(candidate));
  }

  /** The letters and digits of a text, without what must not start a name. */
  private clean(text: string, start: RegExp): string {
    const { upper = false, separator = '' } = this.rule;
    // an accented letter is a letter and a mark
    const plain = text.normalize('NFKD').replace(/\p{Mark}+/gu, '');
    const cased = upper ? plain : plain.toLowerCase();
    return shorten(cased.replace(start, '').replace(/[^a-zA-Z0-9]+/g, separator));
  }
}

/** The start of a name, which does not end between two words. */
function shorten(name: string, length = name.length): string {
  return name.slice(0, length).replace(/[-_]+$/, '');
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
