import { createHash } from 'node:crypto';

/** Files that the gateway takes its keys from. */
export interface KeyFiles {
  /** Folder of one file a key, each with the SHA-256 digest of the key in hexadecimal: a mounted secret. */
  readonly folder: string;

  /** File that HAProxy loads its table of keys from. It is empty: the table is filled while it runs. */
  readonly map: string;
}

/** The two keys of a service. */
export const KEY_NAMES = ['primary', 'secondary'] as const;

/** Entry of the table that says that both keys are in it. No request can ask for it: they ask for digests. */
export const KEYS_TAKEN = 'keys-taken';

const EMPTY_DIGEST = createHash('sha256').digest('hex');

/**
 * A task for HAProxy that reads the digests anew every second and puts what changed into the table of keys, so that a
 * key is rotated without a restart.
 *
 * A file that is missing or holds no digest leaves the key as it was, and so does the digest of an empty text, so that
 * a bearer of nothing is never a key. A new digest is taken before the old one goes.
 */
export function keysTask({ folder, map }: KeyFiles): string {
  const names = KEY_NAMES.map((name) => `${luaString(name)}`).join(', ');
  return `local folder = ${luaString(folder)}
local map = ${luaString(map)}
local names = { ${names} }
local empty = ${luaString(EMPTY_DIGEST)}
local taken = {}

local function digest_of(name)
  local file = io.open(folder .. '/' .. name, 'r')
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  local digest = text and text:lower():match('^%s*(%x+)%s*$')
  return digest and #digest == 64 and digest ~= empty and digest or nil
end

local function in_use(digest)
  for _, name in ipairs(names) do
    if taken[name] == digest then
      return true
    end
  end
  return false
end

local function refresh()
  for _, name in ipairs(names) do
    local digest = digest_of(name)
    local old = taken[name]
    if digest and digest ~= old then
      core.set_map(map, digest, name)
      taken[name] = digest
      if old and not in_use(old) then
        core.del_map(map, old)
      end
      core.log(core.notice, '{"event":"key taken","key":"' .. name .. '"}')
    end
  end
  if taken[names[1]] and taken[names[2]] then
    core.set_map(map, ${luaString(KEYS_TAKEN)}, 'yes')
  end
end

core.register_task(function()
  while true do
    local ok, problem = pcall(refresh)
    if not ok then
      core.log(core.err, '{"event":"keys not read"}')
    end
    core.msleep(1000)
  end
end)
`;
}

/** A string of Lua, whatever the text holds: everything but plain characters by its number. */
export function luaString(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w/. -]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `'${bytes.join('')}'`;
}
