import { POD_IDENTITY } from '../../azure/pod-identity';
import { PUT_BLOB } from '../../azure/put-blob';
import { DELIVERY } from './delivery';
import { LOAD } from './load';
import { MAIN } from './main';
import { PERF_ANALYZER } from './perf-analyzer';
import { REPORT } from './report';
import { USAGE } from './usage';

const HEAD = `"""Sends a model server load at several levels, and reports what it answered and what it used meanwhile."""
import csv
import http.client
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request


class Failure(Exception):
    """Why there is nothing to measure."""


def log(message):
    print(message, file=sys.stderr, flush=True)


# a proxy that programs are told to use knows nothing of the server that is measured
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
`;

/**
 * The program that profiles a server, beside it in a pod or on a machine of the user's: a Python file that runs on
 * Python 3.8 and needs its standard library alone. It reads `ProfileSettings` from the file that it is given, and writes the
 * report to its output.
 */
export const PROFILE_PROGRAM = [HEAD, REPORT, USAGE, LOAD, PERF_ANALYZER, POD_IDENTITY, PUT_BLOB, DELIVERY, MAIN].join(
  '\n',
);
