import { describeFailure, SOCKET_FAILURES } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import { failureOfEvent } from '../../src/actors/failure-of-event.ts';

const said = (message: string, code?: string, cause?: unknown) => ({
  message,
  error: Object.assign(new Error(message, { cause }), code === undefined ? {} : { code }),
});

describe('why a socket failed, out of what a platform tells', () => {
  it.each([
    // ws
    [said('Unexpected server response: 401'), 'http', 401],
    [said('Unexpected server response: 302'), 'http', 302],
    [said('connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'), 'refused', null],
    [said('getaddrinfo ENOTFOUND nowhere.test', 'ENOTFOUND'), 'dns', null],
    [said('getaddrinfo EAI_AGAIN nowhere.test', 'EAI_AGAIN'), 'dns', null],
    [said('connect EHOSTUNREACH 10.0.0.1:80', 'EHOSTUNREACH'), 'unreachable', null],
    [said('socket hang up', 'ECONNRESET'), 'reset', null],
    [said('connect ETIMEDOUT 10.0.0.1:443', 'ETIMEDOUT'), 'timeout', null],
    [said('Opening handshake has timed out'), 'timeout', null],
    [said('write EPROTO 40:error:0A00010B:SSL routines:wrong version number', 'EPROTO'), 'tls', null],
    [said('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', null],
    [said('certificate has expired', 'CERT_HAS_EXPIRED'), 'tls', null],
    [said("Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', null],
    [said('Server sent no subprotocol'), 'subprotocol', null],
    [said('Server sent an invalid subprotocol'), 'subprotocol', null],
    [said('Invalid Sec-WebSocket-Accept header'), 'handshake', null],
    [said('Parse Error: Expected HTTP/', 'HPE_INVALID_CONSTANT'), 'handshake', null],
    [said('Invalid WebSocket frame: invalid UTF-8 sequence', 'WS_ERR_INVALID_UTF8'), 'frames', null],
    // undici
    [said('Received network error or non-101 status code.'), 'unknown', null],
    [
      said('Received network error or non-101 status code.', undefined, { code: 'ECONNREFUSED' }),
      'refused',
      null,
    ],
    [said('Protocol was not set in the opening handshake.'), 'subprotocol', null],
    [said('Incorrect hash received in Sec-WebSocket-Accept header.'), 'handshake', null],
    // React Native: Android and iOS
    [{ message: "Expected HTTP 101 response but was '503 Service Unavailable'" }, 'http', 503],
    [{ message: 'Unable to resolve host "example.test": No address associated with hostname' }, 'dns', null],
    [{ message: 'Failed to connect to localhost/127.0.0.1:8080' }, 'refused', null],
    [
      {
        message:
          'java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.',
      },
      'tls',
      null,
    ],
    [{ message: 'Received bad response code from server: 403.' }, 'http', 403],
    [{ message: 'The Internet connection appears to be offline.' }, 'unreachable', null],
    [{ message: 'something that nobody has heard of' }, 'unknown', null],
  ] as const)('%#: %j is %s', (event, why, httpStatus) => {
    const failure = failureOfEvent(event);
    expect(failure).toEqual({ why, httpStatus });
    expect(SOCKET_FAILURES).toContain(failure?.why);
    expect(describeFailure(failure)).not.toMatch(/127\.0|nowhere|example|10\.0/);
  });

  it.each([
    ['an Event of a browser', { type: 'error' }],
    ['nothing', undefined],
    ['no object', 7],
    ['an empty message', { message: '' }],
    [
      'getters that throw',
      {
        get error(): never {
          throw new Error('mine');
        },
      },
    ],
  ])('is not known from %s', (_, event) => {
    expect(failureOfEvent(event)).toBeNull();
  });

  it('costs no more for a text of megabytes', () => {
    expect(failureOfEvent({ message: `${'x'.repeat(5_000_000)} certificate` })).toEqual({
      why: 'unknown',
      httpStatus: null,
    });
  });

  it('is said in one sentence each, without an end that is open', () => {
    for (const why of SOCKET_FAILURES)
      expect(describeFailure({ why, httpStatus: null })).toMatch(/^[A-Z].*[.?]$/);
    expect(describeFailure({ why: 'http', httpStatus: 401 })).toBe(
      'The server refused the handshake with HTTP 401.',
    );
  });
});
