local folder = '/etc/service-keys'
local map = '/usr/local/etc/haproxy/keys.map'
local names = { 'primary', 'secondary' }
local empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
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
    core.set_map(map, 'keys-taken', 'yes')
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
