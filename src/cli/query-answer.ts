import { STATUS_CODES } from 'node:http';
import type { CallAnswer } from './query-call';
import { indentJson, isJson } from './query-json';
import { nameOf, type VaultSecret } from './query-key';
import { onOneLine } from './query-text';

/** The key of a call. */
export interface Key {
  /** Where it lies. */
  readonly secret: VaultSecret;

  /** What no message may repeat. */
  readonly value: string;
}

/** What a 404 leaves open that is not the gateway's: that one names the paths of its service. */
const PATHS = 'there are /score, /swagger.json and / on a scoring service, /v2/models/NAME/infer on a Triton service';

/**
 * What is wrong with an answer, on one line; nothing where it is the one that was asked for.
 *
 * @param key what was sent
 */
export function answerProblem({ status, headers, body }: CallAnswer, key?: Key): string | undefined {
  if (status >= 200 && status < 300) {
    return undefined;
  }
  const say = (text: unknown) => (typeof text === 'string' ? onOneLine(text, key?.value) : '');
  const { error, message } = errorIn(body);
  // the tags of pages, which proxies answer with
  const text = body.toString('utf8').replaceAll(/<[^<>]*>/g, ' ');
  const said = [error?.message, message, text, STATUS_CODES[status]].map(say).find((words) => words !== '');
  const clauses = [`${status}: ${said ?? 'no reason'}`];
  const option = say(error?.option);
  if (status >= 300 && status < 400) {
    clauses.push(`redirects are not followed; this one leads to ${say(headers.location) || 'nowhere'}`);
  } else if (status === 401) {
    clauses.push(
      key === undefined
        ? "--key-vault and --service name the service's key"
        : `the key is ${nameOf(key.secret)}; a new value counts after about a minute`,
    );
  } else if (status === 404 && error === undefined) {
    clauses.push(PATHS);
  } else if (option !== '') {
    clauses.push(`${option} sets the limit`);
  }
  const requestId = say(error?.requestId) || say(headers['x-ms-request-id']);
  return clauses.join('; ') + (requestId === '' ? '' : ` (request ${requestId})`);
}

/** What the bodies of errors hold. */
interface ErrorBody {
  /** What the gateway or Triton says; before Triton the gateway writes it as Triton does. */
  readonly error?: { readonly message?: unknown; readonly option?: unknown; readonly requestId?: unknown };

  /** What the scoring server says. */
  readonly message?: unknown;
}

function errorIn(body: Buffer): ErrorBody {
  try {
    const { error, message, option, requestId } = JSON.parse(body.toString('utf8'));
    return { error: typeof error === 'string' ? { message: error, option, requestId } : (error ?? undefined), message };
  } catch {
    return {};
  }
}

/**
 * An answer as a person reads it in a terminal: JSON is indented.
 *
 * @returns nothing when it is no text
 */
export function readable(body: Buffer): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
  // what a terminal would obey
  if (/[^\P{Cc}\t\r\n]/u.test(text)) {
    return undefined;
  }
  text = isJson(text) ? indentJson(text) : text;
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
