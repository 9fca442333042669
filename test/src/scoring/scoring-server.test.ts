import { LogLevel } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import {
  SCORING_EXIT_TIMEOUT_SECONDS,
  scoringServerCommand,
  scoringServerEnvironment,
} from '../../../src/scoring/scoring-server';

const settings = {
  replicaMaxConcurrentRequests: 1,
  workerCount: 1,
  scoringTimeoutMs: 60_000,
  configFile: '/etc/server/gunicorn.conf.py',
};

describe('the server', () => {
  test('listens to its gateway alone, with a thread more than calls, and outlives each of them', () => {
    expect(scoringServerCommand(settings)).toEqual([
      'gunicorn',
      '--config=/etc/server/gunicorn.conf.py',
      '--bind=127.0.0.1:5001',
      '--workers=1',
      '--worker-class=gthread',
      '--threads=2',
      '--timeout=91',
      '--graceful-timeout=30',
      'azureml_inference_server_http.server.entry:app',
    ]);
  });

  test('takes more calls and more time where it is told to', () => {
    const command = scoringServerCommand({ ...settings, replicaMaxConcurrentRequests: 8, scoringTimeoutMs: 1500 });

    expect(command).toContain('--threads=9');
    expect(command).toContain('--timeout=33');
  });

  test('has threads for all calls in each of its workers', () => {
    const command = scoringServerCommand({ ...settings, replicaMaxConcurrentRequests: 8, workerCount: 4 });

    expect(command).toContain('--workers=4');
    expect(command).toContain('--threads=9');
  });

  test('may listen on another port, for tests', () => {
    expect(scoringServerCommand({ ...settings, port: 15_001 })).toContain('--bind=127.0.0.1:15001');
  });

  test('takes half a minute to end, as gunicorn does by default', () => {
    expect(SCORING_EXIT_TIMEOUT_SECONDS).toBe(30);
  });

  test('is told its name and what it logs', () => {
    expect(scoringServerEnvironment('digits', LogLevel.WARNING)).toEqual([
      { name: 'SERVICE_NAME', value: 'digits' },
      { name: 'AZUREML_LOG_LEVEL', value: 'WARNING' },
      { name: 'PYTHONUNBUFFERED', value: '1' },
    ]);
  });
});
