import { describe, expect, test } from 'vitest';
import { gunicornConfig } from '../../../src/scoring/gunicorn-config';

const warmUp = { file: '/etc/scoring-server/warmup-request', contentType: 'application/json' };
const triton = { httpPort: 8000, readyPath: '/v2/health/ready' };
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

  test('knows nothing of Triton, unless the script calls one', () => {
    expect(gunicornConfig({ scoringTimeoutMs: 60_000 })).not.toMatch(/triton/i);
  });

  test('waits for Triton before a worker starts, and shares its clients before the script is loaded', () => {
    const lines = linesOf({ scoringTimeoutMs: 60_000, triton });
    const hook = (name: string) => lines.slice(lines.indexOf(`def ${name}`)).slice(0, 6);

    expect(lines).toContain('    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=2)');
    expect(lines).toContain('        connection.request("GET", "/v2/health/ready")');
    expect(hook('on_starting(server):')).toContain('    wait_for_triton(server.log)');
    expect(hook('post_fork(server, worker):')).toContain('    share_triton_clients()');
  });

  test('is the same for the same settings', () => {
    expect(gunicornConfig({ scoringTimeoutMs: 60_000, warmUp })).toBe(
      gunicornConfig({ scoringTimeoutMs: 60_000, warmUp }),
    );
  });

  test('holds nothing that Terraform would read, and is of ASCII', () => {
    const text = gunicornConfig({ scoringTimeoutMs: 60_000, warmUp, triton });

    expect(text).not.toMatch(/[$%]\{/);
    expect(text).toMatch(/^[\n -~]+$/);
  });

  test('has no line that is longer than 120 characters, nor ends in space', () => {
    for (const line of linesOf({ scoringTimeoutMs: 60_000, warmUp, triton })) {
      expect(line).toMatch(/^(.{0,119}\S)?$/);
    }
  });
});
