/**
 * HAProxy's official image with long-term support.
 *
 * @see https://hub.docker.com/_/haproxy
 */
export const HAPROXY_IMAGE = 'docker.io/library/haproxy:3.2.25';
