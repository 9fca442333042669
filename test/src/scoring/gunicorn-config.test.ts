import { describe, expect, test } from 'vitest';
import { gunicornConfig } from '../../../src/scoring/gunicorn-config';

const warmUp = { file: '/etc/scoring-server/warmup-request', contentType: 'application/json' };
const linesOf = (settings: Parameters<typeof gunicornConfig>[0]) => gunicornConfig(settings).split('\n');

describe('the configuration of gunicorn', () => {
  test.each([
    [60_000, 'LIMIT_SECONDS = 61'],
    [1, 'LIMIT_SECONDS = 1.001'],
  ])('ends calls a second after their callers were given 504: %d', (scoringTimeoutMs, line) => {
    expect(linesOf({ scoringTimeoutMs })).toContain(line);
  });

  test('scores nothing before it takes calls, unless told to', () => {
    expect(gunicornConfig({ scoringTimeoutMs: 60_000 })).not.toContain('warm_up');
  });

  test('scores a request before it takes calls where it is told to', () => {
    const lines = linesOf({ scoringTimeoutMs: 60_000, warmUp });

    expect(lines).toContain('    with open("/etc/scoring-server/warmup-request", "rb") as file:');
    expect(lines).toContain('    answer = Client(app).post("/score", data=body, content_type="application/json")');
    const inOrder = ['    read_bodies_whole(worker.wsgi)', '    warm_up(worker.wsgi)', '    worker.load.finish()'];
    const order = inOrder.map((line) => lines.indexOf(line));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).not.toContain(-1);
  });

  test('is the same for the same settings', () => {
    expect(gunicornConfig({ scoringTimeoutMs: 60_000, warmUp })).toBe(
      gunicornConfig({ scoringTimeoutMs: 60_000, warmUp }),
    );
  });

  test('holds nothing that Terraform would read, and is of ASCII', () => {
    const text = gunicornConfig({ scoringTimeoutMs: 60_000, warmUp });

    expect(text).not.toMatch(/[$%]\{/);
    expect(text).toMatch(/^[\n -~]+$/);
  });

  test('has no line that is longer than 120 characters, nor ends in space', () => {
    for (const line of linesOf({ scoringTimeoutMs: 60_000, warmUp })) {
      expect(line).toMatch(/^(.{0,119}\S)?$/);
    }
  });
});
