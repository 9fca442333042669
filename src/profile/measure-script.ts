/** What the files of a server are called that the script writes, behind the name that it is given. */
export const MEASURED = { usage: '.usage', ended: '.ended' } as const;

/**
 * Text for any `sh` that runs a server, writes down each second what its container uses, and ends the server once the load
 * is over: a Job is done when all of its containers are.
 *
 * Its arguments are what the files are named after, the file that says that the load is over, the folder of the cgroups, and
 * the server's command. A line has the seconds since the node started, CPU in microseconds and memory in bytes, which is
 * what Kubernetes calls the working set: without the files that the kernel would give up.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export const MEASURE_SCRIPT = `files=$1 over=$2 groups=$3
shift 3
"$@" &
server=$!
trap 'kill -TERM $server' TERM INT

value_of() {
  while read -r name value; do
    if [ "$name" = "$2" ]; then echo "$value"; return; fi
  done < "$1"
}

sample() {
  read -r uptime rest < /proc/uptime
  if [ -r "$groups/memory.current" ]; then
    cpu=$(value_of "$groups/cpu.stat" usage_usec)
    read -r memory < "$groups/memory.current"
    inactive=$(value_of "$groups/memory.stat" inactive_file)
  elif [ -r "$groups/memory/memory.usage_in_bytes" ]; then
    read -r nanoseconds < "$groups/cpuacct/cpuacct.usage"
    cpu=$((nanoseconds / 1000))
    read -r memory < "$groups/memory/memory.usage_in_bytes"
    inactive=$(value_of "$groups/memory/memory.stat" total_inactive_file)
  else
    return
  fi
  used=$((memory - inactive))
  [ "$used" -gt 0 ] || used=0
  echo "$uptime $cpu $used"
}

while kill -0 $server 2> /dev/null && [ ! -e "$over" ]; do
  sample >> "$files${MEASURED.usage}"
  sleep 1
done
if [ -e "$over" ]; then
  kill -TERM $server 2> /dev/null
  wait $server
  exit 0
fi
wait $server
status=$?
echo $status > "$files${MEASURED.ended}"
exit $status
`;
