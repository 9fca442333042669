/** Where a command writes to. */
export interface Terminal {
  /** Writes what was asked for. */
  out(text: string): void;

  /** Writes what went wrong. */
  error(text: string): void;

  /** Width in characters; nothing when it is a file or a pipe. */
  readonly columns?: number;
}

/** The terminal of this process. */
export const PROCESS_TERMINAL: Terminal = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  get columns() {
    return process.stdout.columns;
  },
};
