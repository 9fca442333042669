/** Where a command writes to. */
export interface Terminal {
  /** Writes what was asked for, as text or as the bytes of a file. */
  out(what: string | Uint8Array): void;

  /** Writes what went wrong. */
  error(text: string): void;

  /** Width in characters; nothing when it is a file or a pipe. */
  readonly columns?: number;
}

/** The terminal of this process. */
export const PROCESS_TERMINAL: Terminal = {
  out: (what) => process.stdout.write(what),
  error: (text) => process.stderr.write(text),
  get columns() {
    return process.stdout.columns;
  },
};
