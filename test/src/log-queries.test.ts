import { describe, expect, test } from 'vitest';
import { type Admission, logLines } from '../../src/gateway/admission';
import { logQueries } from '../../src/monitoring/log-queries';

const QUERIES = logQueries({ clusterId: '/subscriptions/s/aks', namespace: 'serving', serviceName: 'reader' });
const textOf = (id: string) => QUERIES.find((query) => query.id === id)?.text ?? '';

/** The expression by which a query knows the pods of the service. */
const pods = () => new RegExp(/PodName matches regex '([^']+)'/.exec(textOf('log'))?.[1] ?? '$.');

test('ask for the log, for what kept pods from starting, and for failed calls', () => {
  expect(QUERIES.map(({ id }) => id)).toEqual(['log', 'init_failures', 'errors']);
});

test.each(QUERIES)('$id asks of one service of one cluster alone', ({ text }) => {
  const tables = text.match(/\b(ContainerLogV2|KubeEvents)\n\| where .*/g) ?? [];

  expect(tables.length).toBeGreaterThan(0);
  for (const table of tables) {
    expect(table).toMatch(
      /_ResourceId =~ '\/subscriptions\/s\/aks' and (Pod)?Namespace == 'serving' and (PodName|Name) matches regex '\^reader-/,
    );
  }
  // whoever asks names the span
  expect(text).not.toMatch(/ago\(|now\(/);
});

describe('the pods of a service', () => {
  test.each(['reader-7d9f8c6b5-x2x9z', 'reader-6f5-abcde', 'reader-router-0', 'reader-router-12'])('are %s', (pod) => {
    expect(pod).toMatch(pods());
  });

  test.each(['reader-big-7d9f8c6b5-x2x9z', 'big-reader-7d9f8c6b5-x2x9z', 'reader-big-router-0', 'reader'])(
    'are not %s',
    (pod) => {
      expect(pod).not.toMatch(pods());
    },
  );
});

test('what kept pods from starting is told by events that warn, but for probes of what still loads, and by their servers', () => {
  const text = textOf('init_failures');

  expect(text).toContain("where KubeEventType == 'Warning' and Reason != 'Unhealthy'");
  expect(text).toContain("PodName in (failed) and ContainerName !in ('gateway', 'router')");
});

test('failed calls come from the access log of HAProxy, by the fields that it has', () => {
  const text = textOf('errors');

  expect(text).toContain("toint(call.status) >= 500 or tostring(call.grpcStatus) in ('2', '4', '13', '14', '15')");
  const format = logLines({ serviceName: 'reader' } as Admission, 'gateway', 'unique-id').join('\n');
  for (const [, field] of text.matchAll(/call\.(\w+)/g)) {
    expect(format).toContain(`"${field}":`);
  }
});
