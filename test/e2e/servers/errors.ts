import { expect } from 'vitest';
import { SCORING_PROTOCOL, type ServedProtocol } from '../../../src/gateway/protocol';
import type { Answer } from './load';

/** What an error of the gateway must hold. */
export interface ExpectedError {
  readonly status: number;
  readonly code: string;
  /** Part of the message. */
  readonly says: string;
  readonly option?: string;
}

/** Expects an answer to be an error of the gateway before a server that speaks so, with the id that its header has. */
export function expectError(
  { status, headers, text }: Answer,
  { says, ...expected }: ExpectedError,
  { errorIsText = false }: ServedProtocol = SCORING_PROTOCOL,
): void {
  const message = expect.stringContaining(says);
  const others = { ...expected, requestId: headers['x-ms-request-id'] };
  expect({ status, type: headers['content-type'], body: JSON.parse(text) }).toEqual({
    status: expected.status,
    type: 'application/json',
    body: errorIsText ? { error: message, ...others } : { error: { message, ...others } },
  });
  expect(headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/);
}

/** Status of an answer, and the code of the gateway's error if it is one. */
export function outcome({ status, text, error }: Answer): string {
  return error ?? [status, /"code":"(\w+)"/.exec(text)?.[1]].filter(Boolean).join(' ');
}

/** How often each outcome came. */
export function outcomes(answers: readonly Answer[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const answer of answers) {
    const name = outcome(answer);
    totals[name] = (totals[name] ?? 0) + 1;
  }
  return totals;
}
